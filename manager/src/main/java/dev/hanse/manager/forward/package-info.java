/**
 * Ring: driver. What a manager that does not lead does with what only the leader can: calls of
 * nodes and managers are passed on to it, bytes as they are ({@link
 * dev.hanse.manager.forward.Forwarder}, start there); commands of this manager's own API go there
 * as messages ({@link dev.hanse.manager.forward.RemoteCommands}), logs are read from there.
 */
@NullMarked
package dev.hanse.manager.forward;

import org.jspecify.annotations.NullMarked;
