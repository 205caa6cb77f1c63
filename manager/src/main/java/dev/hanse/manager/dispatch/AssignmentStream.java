package dev.hanse.manager.dispatch;

import dev.hanse.control.dispatch.Assignments;
import dev.hanse.model.AssignmentChange;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.store.Snapshot;
import io.grpc.Status;
import java.util.List;
import java.util.Set;

/** One node's assignments: everything once, then differences with sequence numbers. */
public final class AssignmentStream {
  private final Outlet<AssignmentsMessage> stream;
  private final String nodeId;
  private Assignments sent = Assignments.none();
  private long sequence;
  private boolean stale = true;

  /** To a node; nothing is sent yet. */
  public AssignmentStream(Outlet<AssignmentsMessage> stream, String nodeId) {
    this.stream = stream;
    this.nodeId = nodeId;
  }

  void markStale() {
    stale = true;
  }

  /** Sends the difference to the newest state, if there is one and the node takes it. */
  void flush(Snapshot snapshot, Set<String> stopsHeldBack) {
    if (!stale || !stream.ready()) {
      return;
    }
    stale = false;
    Assignments now = Assignments.of(snapshot, nodeId, stopsHeldBack);
    List<AssignmentChange> changes = now.since(sent);
    sent = now;
    boolean first = sequence == 0;
    if (first || !changes.isEmpty()) {
      AssignmentsMessage.Builder message =
          AssignmentsMessage.newBuilder()
              .setType(
                  first ? AssignmentsMessage.Type.COMPLETE : AssignmentsMessage.Type.INCREMENTAL)
              .addAllChanges(changes)
              .setResultsIn(Long.toString(sequence + 1));
      if (!first) {
        message.setAppliesTo(Long.toString(sequence));
      }
      sequence++;
      stream.send(message.build());
    }
  }

  void close(Status status) {
    stream.close(status);
  }
}
