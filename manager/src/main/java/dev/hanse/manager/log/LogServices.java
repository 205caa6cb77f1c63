package dev.hanse.manager.log;

import dev.hanse.cluster.ServiceLogs;
import dev.hanse.identity.server.Caller;
import dev.hanse.manager.Answers;
import dev.hanse.model.ListenSubscriptionsRequest;
import dev.hanse.model.LogBrokerGrpc;
import dev.hanse.model.LogMessage;
import dev.hanse.model.LogsGrpc;
import dev.hanse.model.PublishLogsMessage;
import dev.hanse.model.PublishLogsResponse;
import dev.hanse.model.SubscribeLogsMessage;
import dev.hanse.model.SubscribeLogsRequest;
import dev.hanse.model.SubscriptionMessage;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** The gRPC services LogBroker (for nodes) and Logs (for managers), as swarmkit has them. */
public final class LogServices {
  private final LogBroker broker;
  private final LogReaders readers;

  /** Services of one broker, and of who gathers. */
  public LogServices(LogBroker broker, LogReaders readers) {
    this.broker = broker;
    this.readers = readers;
  }

  /** Service LogBroker. */
  public LogBrokerGrpc.LogBrokerImplBase forNodes() {
    return new ForNodes();
  }

  /** Service Logs. */
  public LogsGrpc.LogsImplBase forManagers() {
    return new ForManagers();
  }

  private final class ForNodes extends LogBrokerGrpc.LogBrokerImplBase {
    @Override
    public void listenSubscriptions(
        ListenSubscriptionsRequest request, StreamObserver<SubscriptionMessage> observer) {
      String nodeId = Caller.required().nodeId();
      Questions questions = new Questions((ServerCallStreamObserver<SubscriptionMessage>) observer);
      LogBroker.Door door = broker.listen(nodeId, questions);
      questions.observer.setOnCancelHandler(() -> broker.gone(door));
    }

    @Override
    public StreamObserver<PublishLogsMessage> publishLogs(
        StreamObserver<PublishLogsResponse> observer) {
      return new Publication(Caller.required().nodeId(), observer);
    }
  }

  /** What a node is asked. A node that leaves too many questions unread is cut off. */
  private static final class Questions implements Consumer<SubscriptionMessage> {
    private static final int UNREAD_MAX = 1_000;

    private final ServerCallStreamObserver<SubscriptionMessage> observer;
    private final AtomicInteger unread = new AtomicInteger();

    Questions(ServerCallStreamObserver<SubscriptionMessage> observer) {
      this.observer = observer;
      observer.setOnReadyHandler(() -> unread.set(0));
    }

    @Override
    public synchronized void accept(SubscriptionMessage message) {
      if (observer.isCancelled()) {
        return;
      }
      if (!observer.isReady() && unread.incrementAndGet() > UNREAD_MAX) {
        observer.onError(
            Status.RESOURCE_EXHAUSTED
                .withDescription("log requests not read")
                .asRuntimeException());
        return;
      }
      observer.onNext(message);
    }
  }

  /**
   * Lines that a node sends. gRPC asks for the next message when {@link #onNext} returns, so
   * waiting there for room in the buffer slows the sender down.
   */
  private final class Publication implements StreamObserver<PublishLogsMessage> {
    private final String nodeId;
    private final StreamObserver<PublishLogsResponse> observer;
    private final Set<String> open = new HashSet<>();
    private boolean failed;

    Publication(String nodeId, StreamObserver<PublishLogsResponse> observer) {
      this.nodeId = nodeId;
      this.observer = observer;
    }

    @Override
    public void onNext(PublishLogsMessage message) {
      if (failed) {
        return;
      }
      String requestId = message.getSubscriptionId();
      Optional<LineBuffer> buffer = broker.buffer(requestId, nodeId);
      if (buffer.isEmpty()) {
        fail(Status.NOT_FOUND.withDescription("log subscription " + requestId + " not found"));
        return;
      }
      open.add(requestId);
      try {
        if (!buffer.get().put(withNode(message.getMessagesList()))) {
          fail(Status.CANCELLED.withDescription("nobody reads these logs any more"));
        } else if (message.getClose()) {
          open.remove(requestId);
          broker.finished(requestId, nodeId, Optional.empty());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        fail(Status.CANCELLED.withDescription("the manager stops"));
      }
    }

    /** A node speaks for itself only. */
    private List<LogMessage> withNode(List<LogMessage> lines) {
      return lines.stream()
          .map(
              line ->
                  line.getContext().getNodeId().equals(nodeId)
                      ? line
                      : line.toBuilder()
                          .setContext(line.getContext().toBuilder().setNodeId(nodeId))
                          .build())
          .toList();
    }

    private void fail(Status status) {
      failed = true;
      finish(Optional.empty());
      observer.onError(status.asRuntimeException());
    }

    @Override
    public void onError(Throwable error) {
      finish(Optional.of("node " + nodeId + " disconnected unexpectedly"));
    }

    @Override
    public void onCompleted() {
      finish(Optional.empty());
      if (!failed) {
        observer.onNext(PublishLogsResponse.getDefaultInstance());
        observer.onCompleted();
      }
    }

    private void finish(Optional<String> failure) {
      open.forEach(requestId -> broker.finished(requestId, nodeId, failure));
      open.clear();
    }
  }

  private final class ForManagers extends LogsGrpc.LogsImplBase {
    @Override
    public void subscribeLogs(
        SubscribeLogsRequest request, StreamObserver<SubscribeLogsMessage> observer) {
      var call = (ServerCallStreamObserver<SubscribeLogsMessage>) observer;
      Semaphore room = new Semaphore(0);
      ServiceLogs logs;
      try {
        logs = readers.read(request.getSelector(), request.getOptions());
      } catch (RuntimeException e) {
        observer.onError(Answers.status(e).asRuntimeException());
        return;
      }
      call.setOnReadyHandler(room::release);
      call.setOnCancelHandler(
          () -> {
            logs.close();
            room.release();
          });
      Thread.ofVirtual().name("hanse-logs").start(() -> send(logs, call, room));
    }

    private void send(
        ServiceLogs logs, ServerCallStreamObserver<SubscribeLogsMessage> call, Semaphore room) {
      try (logs) {
        Optional<List<LogMessage>> lines = logs.next();
        while (lines.isPresent() && !call.isCancelled()) {
          while (!call.isReady() && !call.isCancelled()) {
            room.acquire();
          }
          call.onNext(SubscribeLogsMessage.newBuilder().addAllMessages(lines.get()).build());
          lines = logs.next();
        }
        if (call.isCancelled()) {
          return;
        }
        if (logs.missing().isEmpty()) {
          call.onCompleted();
        } else {
          call.onError(
              Status.DATA_LOSS.withDescription(incomplete(logs.missing())).asRuntimeException());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static final String INCOMPLETE =
      "warning: incomplete log stream. some logs could not be retrieved for the following"
          + " reasons: ";

  /** The sentence that users of swarm know. */
  public static String incomplete(List<String> reasons) {
    return INCOMPLETE + String.join(", ", reasons);
  }
}
