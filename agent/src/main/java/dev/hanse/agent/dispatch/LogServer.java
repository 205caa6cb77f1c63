package dev.hanse.agent.dispatch;

import dev.hanse.model.LogMessage;
import dev.hanse.model.SubscriptionMessage;
import java.io.IOException;
import java.util.function.Consumer;

/** Serves the log subscriptions of managers. */
@FunctionalInterface
public interface LogServer {
  /**
   * Publishes what a subscription asks for; returns when all is published, or, for one that
   * follows, when interrupted.
   *
   * @param publish sends messages; blocks while the manager does not take them
   */
  void serve(SubscriptionMessage subscription, Consumer<LogMessage> publish)
      throws IOException, InterruptedException;
}
