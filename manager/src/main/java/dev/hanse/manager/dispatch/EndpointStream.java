package dev.hanse.manager.dispatch;

import dev.hanse.control.endpoints.EndpointProjection;
import dev.hanse.endpoints.Change;
import dev.hanse.endpoints.EndpointEncoder;
import dev.hanse.endpoints.EndpointTable;
import dev.hanse.model.EndpointsMessage;
import io.grpc.Status;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/** One node's endpoint tables: everything once, then differences with an index. */
public final class EndpointStream {
  private final Outlet<EndpointsMessage> stream;
  private final String nodeId;
  private EndpointTable sent = EndpointTable.empty();
  private long sentIndex;
  private long acknowledgedIndex;
  private boolean stale = true;

  /** To a node; nothing is sent yet. */
  public EndpointStream(Outlet<EndpointsMessage> stream, String nodeId) {
    this.stream = stream;
    this.nodeId = nodeId;
  }

  void markStale() {
    stale = true;
  }

  /** Is there something that the node was not sent? */
  boolean isStale() {
    return stale;
  }

  long sentIndex() {
    return sentIndex;
  }

  boolean acknowledged() {
    return acknowledgedIndex >= sentIndex;
  }

  void acknowledge(long index) {
    acknowledgedIndex = Math.max(acknowledgedIndex, Math.min(index, sentIndex));
  }

  boolean takesPartIn(Collection<String> networkIds) {
    return !Collections.disjoint(sent.networkIds(), networkIds);
  }

  /**
   * Sends the difference to the newest state, if there is one.
   *
   * @return false if the node does not take it now
   */
  boolean flush(EndpointProjection projection, EndpointEncoder encoder) {
    if (!stale) {
      return true;
    }
    if (!stream.ready()) {
      return false;
    }
    stale = false;
    EndpointTable now = projection.table(nodeId);
    List<Change> changes = now.since(sent);
    sent = now;
    boolean first = sentIndex == 0;
    if (first || !changes.isEmpty()) {
      sentIndex = Math.max(sentIndex + 1, projection.index());
      stream.send(
          encoder.message(
              first ? EndpointsMessage.Type.COMPLETE : EndpointsMessage.Type.INCREMENTAL,
              sentIndex,
              changes));
    }
    return true;
  }

  void close(Status status) {
    stream.close(status);
  }
}
