package dev.hanse.agent.dispatch;

import dev.hanse.calls.CallException;
import dev.hanse.model.ListenSubscriptionsRequest;
import dev.hanse.model.LogBrokerGrpc;
import dev.hanse.model.LogMessage;
import dev.hanse.model.LogPlace;
import dev.hanse.model.LogsCall;
import dev.hanse.model.SubscriptionMessage;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for log subscriptions and serves each on a thread of its own: for managers that know no
 * other calls.
 */
final class LogSubscriptions {
  private static final Logger LOG = LoggerFactory.getLogger(LogSubscriptions.class);

  /** Most subscriptions served at once; what comes on top is not served by this node. */
  static final int COUNT_MAX = 1000;

  private final LogServer logs;
  private final Context context;
  private final Map<String, Thread> serving = new HashMap<>();

  LogSubscriptions(LogServer logs, Context context) {
    this.logs = logs;
    this.context = context;
  }

  void serve(Channel channel) {
    Iterator<SubscriptionMessage> messages =
        LogBrokerGrpc.newBlockingStub(channel)
            .listenSubscriptions(ListenSubscriptionsRequest.getDefaultInstance());
    try {
      while (messages.hasNext()) {
        handle(channel, messages.next());
      }
    } catch (StatusRuntimeException failure) {
      if (failure.getStatus().getCode() != Status.Code.UNIMPLEMENTED) {
        throw failure;
      }
      LOG.warn(
          "the manager does not gather logs: docker service logs will not show those of this node");
      new CompletableFuture<Void>().join();
    } finally {
      serving.values().forEach(Thread::interrupt);
    }
  }

  private void handle(Channel channel, SubscriptionMessage subscription) {
    serving.values().removeIf(thread -> !thread.isAlive());
    if (subscription.getClose()) {
      Thread thread = serving.remove(subscription.getId());
      if (thread != null) {
        thread.interrupt();
      }
      return;
    }
    if (serving.size() >= COUNT_MAX) {
      LOG.error("more than {} log subscriptions: one more is not served", COUNT_MAX);
      return;
    }
    Thread thread =
        Thread.ofVirtual()
            .name("logs-" + subscription.getId())
            .unstarted(context.wrap(() -> publish(channel, subscription)));
    Thread previous = serving.put(subscription.getId(), thread);
    if (previous != null) {
      previous.interrupt();
    }
    thread.start();
  }

  private void publish(Channel channel, SubscriptionMessage subscription) {
    LogsCall call =
        LogsCall.newBuilder()
            .setSelector(subscription.getSelector())
            .setOptions(subscription.getOptions())
            .build();
    try (LogPublication publication = LogPublication.open(channel, subscription.getId())) {
      logs.serve(call, new Published(publication));
    } catch (CallException | IOException | StatusRuntimeException failure) {
      LOG.warn(
          "could not send logs for subscription {}: {}",
          subscription.getId(),
          failure.getMessage());
    } catch (InterruptedException closed) {
      LOG.debug("log subscription {} is closed", subscription.getId());
    }
  }

  /** Such managers are told no places. */
  private record Published(LogPublication publication) implements LogServer.Sink {
    @Override
    public void places(List<LogPlace> places) {}

    @Override
    public void lines(LogPlace next, List<LogMessage> lines) throws CallException {
      try {
        publication.publish(lines);
      } catch (StatusRuntimeException over) {
        throw new CallException(
            over.getStatus().getCode(), String.valueOf(over.getStatus().getDescription()));
      }
    }
  }
}
