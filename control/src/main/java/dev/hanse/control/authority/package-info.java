/**
 * Ring: decider. The cluster's root: what a changed setting means for it ({@link
 * dev.hanse.control.authority.AuthorityChange}), and what is next while it is replaced ({@link
 * dev.hanse.control.authority.RootRotationPlan}). Keys and signatures are made by the driver, in
 * {@code manager/authority}.
 */
@NullMarked
package dev.hanse.control.authority;

import org.jspecify.annotations.NullMarked;
