/**
 * Ring: driver. What the nodes are told and what they report: sessions and heartbeats, assignments,
 * endpoint tables. {@link dev.hanse.manager.dispatch.DispatchLoop} owns all of it on one thread;
 * the gRPC services only hand calls to it. Protocol: swarmkit's {@code dispatcher.proto} and our
 * {@code endpoints.proto}.
 */
@NullMarked
package dev.hanse.manager.dispatch;

import org.jspecify.annotations.NullMarked;
