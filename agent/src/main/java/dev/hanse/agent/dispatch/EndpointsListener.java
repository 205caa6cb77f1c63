package dev.hanse.agent.dispatch;

import dev.hanse.model.EndpointsMessage;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Takes the endpoint tables of the networks that this node takes part in. */
@FunctionalInterface
public interface EndpointsListener {
  /**
   * The next message of the stream, in order; the first after each (re)connection is COMPLETE. Must
   * not block for long.
   *
   * @param applied to be called with the message's index, from any thread, once its entries are
   *     applied to the kernel; the highest index called stands for all before it
   * @param refused to be called with the reason, from any thread, when the message cannot be used:
   *     nothing of it holds, and the stream begins anew
   */
  void receive(EndpointsMessage message, LongConsumer applied, Consumer<String> refused);
}
