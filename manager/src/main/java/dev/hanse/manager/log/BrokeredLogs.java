package dev.hanse.manager.log;

import com.google.protobuf.Timestamp;
import dev.hanse.bounds.HeapShares;
import dev.hanse.calls.CallException;
import dev.hanse.calls.NodeCall;
import dev.hanse.calls.table.CallLimits;
import dev.hanse.model.CallMessage;
import dev.hanse.model.LogLines;
import dev.hanse.model.LogMessage;
import dev.hanse.model.LogPlace;
import dev.hanse.model.LogPlaces;
import dev.hanse.model.LogSubscriptionOptions;
import dev.hanse.model.LogsCall;
import dev.hanse.model.SubscriptionMessage;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A subscription of swarmkit's LogBroker as a call for logs. Such a node counts no places: where a
 * call was cut is told by the time of the last line of each task.
 */
final class BrokeredLogs implements NodeCall {
  /** Room for what stands around the lines. */
  private static final int BATCH_BYTES_MAX = CallLimits.MESSAGE_BYTES_MAX - 1024;

  private final String id;
  private final String nodeId;
  private final LogsCall request;
  private final Consumer<BrokeredLogs> whenClosed;
  private final LineBuffer lines = new LineBuffer(HeapShares.NODE_CALLS);
  private final Map<String, Timestamp> written = new HashMap<>();

  /** Of the one thread that reads. */
  private final ArrayDeque<CallMessage> ready = new ArrayDeque<>();

  private volatile Optional<String> failure = Optional.empty();

  BrokeredLogs(String id, String nodeId, LogsCall request, Consumer<BrokeredLogs> whenClosed) {
    this.id = id;
    this.nodeId = nodeId;
    this.request = request;
    this.whenClosed = whenClosed;
    request.getPlacesList().forEach(place -> written.put(place.getTaskId(), place.getWritten()));
    ready.add(CallMessage.newBuilder().setLogPlaces(LogPlaces.getDefaultInstance()).build());
  }

  String id() {
    return id;
  }

  String nodeId() {
    return nodeId;
  }

  LineBuffer lines() {
    return lines;
  }

  SubscriptionMessage subscription(boolean close) {
    return SubscriptionMessage.newBuilder()
        .setId(id)
        .setSelector(request.getSelector())
        .setOptions(options())
        .setClose(close)
        .build();
  }

  /** From the oldest of the last lines on, if the call goes on where another was cut. */
  private LogSubscriptionOptions options() {
    Optional<Timestamp> oldest =
        written.values().stream()
            .reduce((one, other) -> NodeLogs.isAfter(one, other) ? other : one);
    return oldest.isEmpty()
        ? request.getOptions()
        : request.getOptions().toBuilder().setTail(0).setSince(oldest.get()).build();
  }

  void finish(Optional<String> reason) {
    failure = reason;
    lines.end();
  }

  @Override
  public void send(CallMessage message) throws CallException {
    throw new CallException(Status.Code.UNIMPLEMENTED, "logs take no input");
  }

  @Override
  public void endSending() {}

  @Override
  public Optional<CallMessage> next() throws CallException, InterruptedException {
    while (ready.isEmpty()) {
      Optional<List<LogMessage>> batch = lines.take();
      if (batch.isEmpty()) {
        return end();
      }
      divide(batch.get());
    }
    return Optional.of(ready.remove());
  }

  private Optional<CallMessage> end() throws CallException {
    if (lines.isCut()) {
      throw new CallException(Status.Code.RESOURCE_EXHAUSTED, "the reader was too slow");
    }
    if (failure.isPresent()) {
      throw new CallException(Status.Code.UNAVAILABLE, failure.get());
    }
    return Optional.empty();
  }

  /** One task's lines together, and not more than fit into a message. */
  private void divide(List<LogMessage> batch) throws CallException {
    LogLines.Builder some = LogLines.newBuilder();
    String taskId = "";
    int bytes = 0;
    for (LogMessage line : batch) {
      int size = line.getSerializedSize();
      if (size > BATCH_BYTES_MAX) {
        throw new CallException(
            Status.Code.RESOURCE_EXHAUSTED, "node " + nodeId + " has sent a line that is too long");
      }
      if (!line.getContext().getTaskId().equals(taskId) || bytes + size > BATCH_BYTES_MAX) {
        add(some);
        some = LogLines.newBuilder();
        taskId = line.getContext().getTaskId();
        bytes = 0;
      }
      Timestamp before = written.get(taskId);
      if (before == null || NodeLogs.isAfter(line.getTimestamp(), before)) {
        some.addMessages(line)
            .setNext(LogPlace.newBuilder().setTaskId(taskId).setWritten(line.getTimestamp()));
        bytes += size + Integer.BYTES;
      }
    }
    add(some);
  }

  private void add(LogLines.Builder some) {
    if (some.getMessagesCount() > 0) {
      ready.add(CallMessage.newBuilder().setLogLines(some).build());
    }
  }

  @Override
  public void close() {
    lines.abandon();
    whenClosed.accept(this);
  }
}
