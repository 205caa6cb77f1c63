package dev.hanse.calls;

import dev.hanse.model.CallMessage;
import dev.hanse.model.CallRequest;
import java.util.Optional;

/** A call that this node answers. When it is over its thread is interrupted. */
public interface AnsweredCall {
  /** What is asked. */
  CallRequest request();

  /**
   * Sends a message, waiting until the manager has room for it. Any thread of the answer.
   *
   * @throws CallException if the call is over
   */
  void send(CallMessage message) throws CallException, InterruptedException;

  /**
   * Waits for a message of the manager, which can send none before this is first called.
   *
   * @return empty if it will send no more
   * @throws CallException if the call is over
   */
  Optional<CallMessage> next() throws CallException, InterruptedException;
}
