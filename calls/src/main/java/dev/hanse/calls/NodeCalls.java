package dev.hanse.calls;

import dev.hanse.model.CallRequest;

/** The way to ask any node of the cluster something. */
@FunctionalInterface
public interface NodeCalls {
  /**
   * Asks a node.
   *
   * @param wait for a node that is not in touch, until it is, is removed, or the leader changes
   * @throws CallException UNAVAILABLE if there is no leader or, without {@code wait}, if the node
   *     is not in touch; NOT_FOUND if there is no such node; RESOURCE_EXHAUSTED if it answers too
   *     many calls
   * @throws IllegalArgumentException if the request is longer than {@link
   *     dev.hanse.calls.table.CallLimits#REQUEST_BYTES_MAX}
   */
  NodeCall open(String nodeId, CallRequest request, boolean wait)
      throws CallException, InterruptedException;
}
