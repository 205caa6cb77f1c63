package dev.hanse.manager.log;

import com.google.protobuf.Timestamp;
import dev.hanse.calls.CallException;
import dev.hanse.calls.NodeCall;
import dev.hanse.calls.NodeCalls;
import dev.hanse.model.CallMessage;
import dev.hanse.model.CallRequest;
import dev.hanse.model.LogMessage;
import dev.hanse.model.LogPlace;
import dev.hanse.model.LogSelector;
import dev.hanse.model.LogSubscriptionOptions;
import dev.hanse.model.LogsCall;
import io.grpc.Status;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node's part of a request for logs. When the call is cut, since the leader has changed or the
 * node was away, another goes on where it was: the node says with its lines where the next ones
 * are. So no line comes twice, and none is lost that the node still has.
 */
final class NodeLogs implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(NodeLogs.class);

  /** How long the rest of what does not follow is waited for, from when a call was cut. */
  private static final Duration REST_MAX = Duration.ofSeconds(5);

  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Duration PAUSE_MAX = Duration.ofSeconds(1);

  /** Takes lines, waiting for room; false if nobody wants them any more. */
  @FunctionalInterface
  interface Lines {
    boolean put(List<LogMessage> lines) throws InterruptedException;
  }

  private final String nodeId;
  private final NodeCalls calls;
  private final LogSelector selector;
  private final LogSubscriptionOptions options;
  private final Lines lines;
  private final Consumer<Optional<CallException>> whenDone;
  private final Thread thread;

  /** Where the next line of each task is, once the node has told all; of the thread. */
  private final Map<String, LogPlace> places = new HashMap<>();

  private boolean begun;

  /**
   * Not started.
   *
   * @param whenDone told, with the reason if lines are missing, unless it is closed before
   */
  NodeLogs(
      String nodeId,
      NodeCalls calls,
      LogSelector selector,
      LogSubscriptionOptions options,
      Lines lines,
      Consumer<Optional<CallException>> whenDone) {
    this.nodeId = nodeId;
    this.calls = calls;
    this.selector = selector;
    this.options = options;
    this.lines = lines;
    this.whenDone = whenDone;
    this.thread = Thread.ofVirtual().name("hanse-logs-" + nodeId).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Nobody reads any more: the node is told. */
  @Override
  public void close() {
    thread.interrupt();
  }

  private void run() {
    try {
      whenDone.accept(gather());
    } catch (InterruptedException closed) {
      logger.debug("the logs of node {} are not wanted any more", nodeId);
    } catch (RuntimeException | Error fault) {
      logger.error("reading the logs of node {}", nodeId, fault);
      whenDone.accept(
          Optional.of(
              new CallException(
                  Status.Code.INTERNAL, "reading the logs of node " + nodeId + " has failed")));
    }
  }

  /** Why lines are missing, if some are. */
  private Optional<CallException> gather() throws InterruptedException {
    long cutNanos = System.nanoTime();
    int failures = 0;
    while (true) {
      Map<String, LogPlace> before = Map.copyOf(places);
      try {
        ask();
        return Optional.empty();
      } catch (CallException cut) {
        if (!begun || !places.equals(before)) {
          cutNanos = System.nanoTime();
          failures = 0;
        }
        boolean again =
            options.getFollow() || (begun && System.nanoTime() - cutNanos < REST_MAX.toNanos());
        if (!cut.isPassing() || !again) {
          return Optional.of(cut);
        }
        logger.debug("the logs of node {} go on after: {}", nodeId, cut.text());
        Thread.sleep(pause(failures++));
      }
    }
  }

  /** Longer from failure to failure, and not all nodes' at the same moment. */
  private static Duration pause(int failures) {
    long mostMs = Math.min(PAUSE.toMillis() << Math.min(failures, 10), PAUSE_MAX.toMillis());
    return Duration.ofMillis(mostMs / 2 + ThreadLocalRandom.current().nextLong(mostMs / 2 + 1));
  }

  private void ask() throws CallException, InterruptedException {
    try (NodeCall call = calls.open(nodeId, request(), options.getFollow())) {
      call.endSending();
      for (Optional<CallMessage> message = call.next();
          message.isPresent();
          message = call.next()) {
        take(message.get());
      }
    }
  }

  private CallRequest request() {
    return CallRequest.newBuilder()
        .setLogs(
            LogsCall.newBuilder()
                .setSelector(selector)
                .setOptions(options)
                .setResumed(begun)
                .addAllPlaces(places.values()))
        .build();
  }

  private void take(CallMessage message) throws InterruptedException {
    switch (message.getKindCase()) {
      case LOG_PLACES -> {
        message
            .getLogPlaces()
            .getPlacesList()
            .forEach(place -> places.put(place.getTaskId(), place));
        begun |= !message.getLogPlaces().getMore();
      }
      case LOG_LINES -> {
        List<LogMessage> own =
            message.getLogLines().getMessagesList().stream().map(this::own).toList();
        if (!lines.put(own)) {
          throw new InterruptedException("nobody reads these logs any more");
        }
        LogPlace next = message.getLogLines().getNext();
        places.put(next.getTaskId(), next);
      }
      case CHUNK, ENGINE_HEAD, KIND_NOT_SET -> logger.debug("node {} sends what is no log", nodeId);
    }
  }

  /** A node speaks for itself only. */
  private LogMessage own(LogMessage line) {
    return line.getContext().getNodeId().equals(nodeId)
        ? line
        : line.toBuilder().setContext(line.getContext().toBuilder().setNodeId(nodeId)).build();
  }

  /** Is the one time after the other? */
  static boolean isAfter(Timestamp one, Timestamp other) {
    return one.getSeconds() != other.getSeconds()
        ? one.getSeconds() > other.getSeconds()
        : one.getNanos() > other.getNanos();
  }
}
