/**
 * Ring: decider. Which nodes form the group that keeps the state: from the wanted roles to the next
 * step that is safe. Start reading at {@link dev.hanse.control.members.MembershipPlan}.
 */
@NullMarked
package dev.hanse.control.members;

import org.jspecify.annotations.NullMarked;
