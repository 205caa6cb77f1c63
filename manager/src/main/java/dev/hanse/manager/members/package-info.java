/**
 * Ring: driver. How managers come and go. {@link dev.hanse.manager.members.RoleManager} makes the
 * group follow the wanted roles, on the leader; {@link dev.hanse.manager.members.MembershipService}
 * admits those that ask, and {@link dev.hanse.manager.members.MembershipClient} is how they ask.
 * What is safe is decided by {@link dev.hanse.control.members.MembershipPlan}.
 */
@NullMarked
package dev.hanse.manager.members;

import org.jspecify.annotations.NullMarked;
