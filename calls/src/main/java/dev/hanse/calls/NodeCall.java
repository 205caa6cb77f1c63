package dev.hanse.calls;

import dev.hanse.model.CallMessage;
import java.util.Optional;

/**
 * A call to a node. One thread may send while another takes; {@link #close} may be called by any
 * thread and ends both.
 */
public interface NodeCall extends AutoCloseable {
  /**
   * Sends a message, waiting until the node has room for it.
   *
   * @throws CallException if the call is over
   */
  void send(CallMessage message) throws CallException, InterruptedException;

  /** No more messages will be sent. */
  void endSending();

  /**
   * Waits for a message of the node.
   *
   * @return empty if the node has answered all and well
   * @throws CallException if the call has ended otherwise; what had arrived before was given
   */
  Optional<CallMessage> next() throws CallException, InterruptedException;

  /** Ends the call, if it goes on: the node is told. Never waits. */
  @Override
  void close();
}
