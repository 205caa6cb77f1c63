package dev.hanse.cluster;

import com.google.protobuf.ByteString;
import dev.hanse.model.EngineHead;
import java.io.IOException;
import java.util.Optional;

/**
 * What another node's engine answers. One thread may take while another sends; {@link #close} may
 * be called by any thread and ends both.
 */
public interface EngineAnswer extends AutoCloseable {
  /** Status and type; there from the beginning. */
  EngineHead head();

  /**
   * Waits for bytes of the body, or of the connection after an upgrade.
   *
   * @return empty at the end
   * @throws IOException if the answer is broken off
   */
  Optional<ByteString> next() throws IOException, InterruptedException;

  /**
   * Sends bytes on an upgraded connection, waiting until the node has room for them.
   *
   * @param bytes at most {@value #SENT_BYTES_MAX}
   * @throws IOException if the answer has ended
   */
  void send(ByteString bytes) throws IOException, InterruptedException;

  /** Most bytes of one {@link #send}. */
  int SENT_BYTES_MAX = 16 << 10;

  /** Nothing more will be sent. */
  void endSending();

  /** Ends it, if it goes on: the node is told. Never waits. */
  @Override
  void close();
}
