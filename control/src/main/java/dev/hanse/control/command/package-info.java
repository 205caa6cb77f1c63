/**
 * Ring: decider. The writes that clients, nodes and the manager itself may ask for, and the
 * decision on each: validation, conflicts, and the changes in one transaction. Start reading at
 * {@link dev.hanse.control.command.Commands}.
 */
@NullMarked
package dev.hanse.control.command;

import org.jspecify.annotations.NullMarked;
