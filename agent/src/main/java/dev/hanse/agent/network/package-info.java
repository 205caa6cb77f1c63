/**
 * Driver: brings the networks of this node into the kernel and keeps them there.
 *
 * <p>{@link dev.hanse.agent.network.TaskNetworks} is what the rest of the agent calls for a task;
 * {@link dev.hanse.agent.network.NetworkLoop} owns the node's wanted kernel state, compares it with
 * what the kernel has and repairs the difference. What is wanted is decided in {@code
 * dev.hanse.network}, what is done to the kernel is in {@code host}.
 */
@NullMarked
package dev.hanse.agent.network;

import org.jspecify.annotations.NullMarked;
