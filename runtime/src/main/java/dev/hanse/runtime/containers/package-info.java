/**
 * Ring: driver. This is containers: create, start, output, exec, numbers, exit.
 *
 * <p>Start reading at {@link dev.hanse.runtime.containers.Containers}.
 */
@NullMarked
package dev.hanse.runtime.containers;

import org.jspecify.annotations.NullMarked;
