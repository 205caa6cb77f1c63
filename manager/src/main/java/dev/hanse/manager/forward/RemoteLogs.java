package dev.hanse.manager.forward;

import dev.hanse.cluster.ServiceLogs;
import dev.hanse.identity.StatusText;
import dev.hanse.manager.log.LogServices;
import dev.hanse.model.LogMessage;
import dev.hanse.model.LogSelector;
import dev.hanse.model.LogSubscriptionOptions;
import dev.hanse.model.LogsGrpc;
import dev.hanse.model.SubscribeLogsMessage;
import dev.hanse.model.SubscribeLogsRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Logs that the leader gathers, one message at a time: the next is asked for when the reader wants
 * it. Guarded by its monitor.
 */
public final class RemoteLogs implements ServiceLogs {
  private final Line line;
  private final ClientCall<SubscribeLogsRequest, SubscribeLogsMessage> call;
  private @Nullable SubscribeLogsMessage message;
  private boolean asked;
  private Optional<Status> closed = Optional.empty();

  private RemoteLogs(Line line) {
    this.line = line;
    this.call = line.channel().newCall(LogsGrpc.getSubscribeLogsMethod(), CallOptions.DEFAULT);
  }

  /**
   * Begins gathering.
   *
   * @throws io.grpc.StatusRuntimeException without a leader
   */
  public static ServiceLogs read(
      LeaderRoute route, LogSelector selector, LogSubscriptionOptions options) {
    Line line = route.line();
    Context former = Context.ROOT.attach();
    try {
      RemoteLogs logs = new RemoteLogs(line);
      logs.start(
          SubscribeLogsRequest.newBuilder().setSelector(selector).setOptions(options).build());
      return logs;
    } finally {
      Context.ROOT.detach(former);
    }
  }

  private void start(SubscribeLogsRequest request) {
    call.start(new Listener(), new Metadata());
    line.onEnd(status -> ended(status, true));
    call.sendMessage(request);
    call.halfClose();
  }

  private final class Listener extends ClientCall.Listener<SubscribeLogsMessage> {
    @Override
    public void onMessage(SubscribeLogsMessage received) {
      arrived(received);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      line.close();
      ended(status, false);
    }
  }

  private synchronized void arrived(SubscribeLogsMessage received) {
    message = received;
    notifyAll();
  }

  private void ended(Status status, boolean cancel) {
    synchronized (this) {
      if (closed.isEmpty()) {
        closed = Optional.of(status);
      }
      notifyAll();
    }
    if (cancel) {
      call.cancel(status.getDescription(), null);
    }
  }

  @Override
  public synchronized Optional<List<LogMessage>> next() throws InterruptedException {
    while (message == null && closed.isEmpty()) {
      if (!asked) {
        asked = true;
        call.request(1);
      }
      wait();
    }
    SubscribeLogsMessage taken = message;
    message = null;
    asked = false;
    return Optional.ofNullable(taken).map(SubscribeLogsMessage::getMessagesList);
  }

  @Override
  public synchronized List<String> missing() {
    Status status = closed.orElse(Status.OK);
    return switch (status.getCode()) {
      case OK, CANCELLED -> List.of();
      case DATA_LOSS -> LogServices.reasons(String.valueOf(status.getDescription()));
      default -> List.of(StatusText.of(status));
    };
  }

  @Override
  public void close() {
    ended(Status.CANCELLED.withDescription("nobody reads these logs any more"), true);
  }
}
