/**
 * Ring: decider. The decision on each command: validation, conflicts, and the changes in one
 * transaction. Start reading at {@link dev.hanse.control.decision.Commands}.
 */
@NullMarked
package dev.hanse.control.decision;

import org.jspecify.annotations.NullMarked;
