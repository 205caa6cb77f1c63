/**
 * Ring: decider. The writes that clients, nodes and the manager itself may ask for, as plain data
 * and as the messages that carry them between managers. What comes of one: {@link
 * dev.hanse.control.decision}. Start reading at {@link dev.hanse.control.command.Command}.
 */
@NullMarked
package dev.hanse.control.command;

import org.jspecify.annotations.NullMarked;
