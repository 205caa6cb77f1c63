/**
 * Decider: from the endpoint table and this node's tasks to the kernel state that is wanted, and to
 * the answers of name resolution. No clock, socket, file or thread.
 *
 * <p>Start at {@link dev.hanse.network.NetworkPlanner}; {@link dev.hanse.network.HostRuleset} and
 * {@link dev.hanse.network.TaskRuleset} are where a published port or a virtual address becomes
 * packet rules; {@link dev.hanse.network.TaskNames} answers names.
 */
@NullMarked
package dev.hanse.network;

import org.jspecify.annotations.NullMarked;
