/**
 * Driver: the node's side of the conversation with the managers over TCP 2377.
 *
 * <p>Start at {@link dev.hanse.agent.dispatch.ManagerClient}: one {@link
 * dev.hanse.agent.dispatch.ManagerSession} at a time, in which heartbeats, assignments, task
 * statuses, endpoints and log subscriptions flow. {@link dev.hanse.agent.dispatch.KnownManagers}
 * remembers where the managers are.
 */
@NullMarked
package dev.hanse.agent.dispatch;

import org.jspecify.annotations.NullMarked;
