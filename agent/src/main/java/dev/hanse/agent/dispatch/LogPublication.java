package dev.hanse.agent.dispatch;

import dev.hanse.model.LogBrokerGrpc;
import dev.hanse.model.LogMessage;
import dev.hanse.model.PublishLogsMessage;
import dev.hanse.model.PublishLogsResponse;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The stream by which one subscription's log messages go to the manager. Several readers may
 * publish at once; they wait while the manager takes nothing, so that nothing piles up here.
 */
final class LogPublication
    implements ClientResponseObserver<PublishLogsMessage, PublishLogsResponse>, AutoCloseable {
  private final String subscriptionId;
  private @Nullable ClientCallStreamObserver<PublishLogsMessage> stream;
  private @Nullable Status ended;

  private LogPublication(String subscriptionId) {
    this.subscriptionId = subscriptionId;
  }

  static LogPublication open(Channel channel, String subscriptionId) {
    LogPublication publication = new LogPublication(subscriptionId);
    LogBrokerGrpc.newStub(channel).publishLogs(publication);
    return publication;
  }

  /**
   * Sends messages.
   *
   * @throws StatusRuntimeException when the manager has ended the stream, or the thread is
   *     interrupted
   */
  synchronized void publish(List<LogMessage> messages) {
    ClientCallStreamObserver<PublishLogsMessage> open = stream;
    try {
      while (ended == null && open != null && !open.isReady()) {
        wait();
      }
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
      throw new StatusRuntimeException(Status.CANCELLED.withDescription("interrupted"));
    }
    if (ended != null) {
      throw new StatusRuntimeException(ended);
    }
    if (open != null) {
      open.onNext(
          PublishLogsMessage.newBuilder()
              .setSubscriptionId(subscriptionId)
              .addAllMessages(messages)
              .build());
    }
  }

  /** Tells the manager that this node has no more for the subscription. */
  @Override
  public synchronized void close() {
    ClientCallStreamObserver<PublishLogsMessage> open = stream;
    if (ended == null && open != null) {
      open.onNext(
          PublishLogsMessage.newBuilder().setSubscriptionId(subscriptionId).setClose(true).build());
      open.onCompleted();
    }
  }

  @Override
  public synchronized void beforeStart(ClientCallStreamObserver<PublishLogsMessage> requests) {
    stream = requests;
    requests.setOnReadyHandler(this::wake);
  }

  private synchronized void wake() {
    notifyAll();
  }

  @Override
  public void onNext(PublishLogsResponse response) {
    // Carries nothing.
  }

  @Override
  public synchronized void onError(Throwable failure) {
    ended = Status.fromThrowable(failure);
    notifyAll();
  }

  @Override
  public synchronized void onCompleted() {
    ended = Status.OK.withDescription("the manager wants no more");
    notifyAll();
  }
}
