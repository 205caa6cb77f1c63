/**
 * Driver: the node's side of the conversation with the managers over TCP 2377.
 *
 * <p>Start at {@code ManagerClient}: one session at a time, in which heartbeats, assignments, task
 * statuses, endpoints and log subscriptions flow. {@code KnownManagers} remembers where the
 * managers are.
 */
@NullMarked
package dev.hanse.agent.dispatch;

import org.jspecify.annotations.NullMarked;
