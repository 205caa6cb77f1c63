package dev.hanse.cluster;

import dev.hanse.model.LogMessage;
import java.util.List;
import java.util.Optional;

/** The lines of one request for logs, as they arrive from the nodes; one reader thread. */
public interface ServiceLogs extends AutoCloseable {
  /**
   * Waits for lines. Each node's lines come in order; those of several nodes are mixed.
   *
   * @return some lines, or empty when there will be no more
   */
  Optional<List<LogMessage>> next() throws InterruptedException;

  /**
   * Why lines may be missing ("node … is not available"); complete after the last {@link #next}.
   */
  List<String> missing();

  /** Ends the request; the nodes are told to stop sending. */
  @Override
  void close();
}
