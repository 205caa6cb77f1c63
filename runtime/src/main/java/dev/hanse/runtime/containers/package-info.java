/**
 * Ring: driver. This is containers: create, start, exec, numbers, exit. The streams and the end of
 * a process are in {@code process}.
 *
 * <p>Start reading at {@link dev.hanse.runtime.containers.Containers}.
 */
@NullMarked
package dev.hanse.runtime.containers;

import org.jspecify.annotations.NullMarked;
