/**
 * Ring: driver. What a manager that does not lead does with what only the leader can: calls of
 * nodes and managers are passed on to it, bytes as they are. Start reading at {@link
 * dev.hanse.manager.forward.RawMethod}.
 */
@NullMarked
package dev.hanse.manager.forward;

import org.jspecify.annotations.NullMarked;
