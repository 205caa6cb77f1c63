package dev.hanse.agent.dispatch;

import dev.hanse.model.EndpointsMessage;
import java.util.function.LongConsumer;

/** Takes the endpoint tables of the networks that this node takes part in. */
@FunctionalInterface
public interface EndpointsListener {
  /**
   * The next message of the stream, in order; the first after each (re)connection is COMPLETE. Must
   * not block for long.
   *
   * @param acknowledge to be called with the message's index, from any thread, once its rows are
   *     applied in the kernel; the highest index called stands for all before it
   */
  void receive(EndpointsMessage message, LongConsumer acknowledge);
}
