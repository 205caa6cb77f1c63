package dev.hanse.docker.stream;

import dev.hanse.agent.log.LogEntry;
import dev.hanse.agent.log.LogReader;
import dev.hanse.bounds.BulkWork;
import dev.hanse.docker.protocol.LogStreams;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/**
 * What a client wants to see of each entry of a log.
 *
 * @param framed each entry gets Docker's header of stream and length; else the bytes as they are
 */
record LogForm(boolean framed, boolean timestamps, boolean details) {
  /** Made at a time for one client. */
  private static final int BATCH_BYTES = 32 << 10;

  /**
   * Copies the log until it ends, many entries at a time.
   *
   * @param follow the client sees each batch at once
   */
  void copy(LogReader reader, OutputStream client, boolean follow)
      throws IOException, InterruptedException {
    for (Optional<LogEntry> next = reader.next(); next.isPresent(); next = reader.next()) {
      LogEntry first = next.get();
      BulkWork.call(() -> batch(first, reader)).writeTo(client);
      if (follow) {
        client.flush();
      }
    }
  }

  /** An entry and those after it that are there already. */
  private ByteArrayOutputStream batch(LogEntry first, LogReader reader) throws IOException {
    ByteArrayOutputStream batch = new ByteArrayOutputStream();
    Optional<LogEntry> entry = Optional.of(first);
    while (entry.isPresent()) {
      write(batch, entry.get());
      entry = batch.size() < BATCH_BYTES ? reader.nextPresent() : Optional.empty();
    }
    return batch;
  }

  private void write(OutputStream client, LogEntry entry) throws IOException {
    String prefix = timestamps ? LogStreams.fixed(entry.timestamp()) + " " : "";
    LogStreams.Kind kind =
        switch (entry.source()) {
          case STDOUT -> LogStreams.Kind.STDOUT;
          case STDERR -> LogStreams.Kind.STDERR;
        };
    // Of details there are none, but the blank that parts them from the line stays.
    LogStreams.write(client, !framed, kind, details ? prefix + " " : prefix, entry.written());
  }
}
