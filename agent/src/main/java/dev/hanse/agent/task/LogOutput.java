package dev.hanse.agent.task;

import com.google.protobuf.ByteString;
import dev.hanse.agent.log.ContainerLog;
import dev.hanse.agent.log.LogSource;
import dev.hanse.agent.log.LogStore;
import dev.hanse.runtime.containers.OutputListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts what a container writes into its log. A full disk loses lines, never stops a container. */
public final class LogOutput implements OutputListener {
  private static final Logger LOG = LoggerFactory.getLogger(LogOutput.class);

  private final String containerId;
  private final ContainerLog log;
  private final LogStore logs;
  private final AtomicBoolean failing = new AtomicBoolean();

  /** For a container whose log has been opened. */
  public LogOutput(String containerId, ContainerLog log, LogStore logs) {
    this.containerId = containerId;
    this.log = log;
    this.logs = logs;
  }

  @Override
  public void output(Stream stream, ByteBuffer chunk) {
    LogSource source =
        switch (stream) {
          case STDOUT -> LogSource.STDOUT;
          case STDERR -> LogSource.STDERR;
        };
    try {
      log.append(source, ByteString.copyFrom(chunk), Instant.now());
      failing.set(false);
    } catch (IOException refused) {
      if (!failing.getAndSet(true)) {
        LOG.warn("output of container {} is being lost: {}", containerId, refused.getMessage());
      }
    }
  }

  @Override
  public void ended() {
    try {
      logs.finish(containerId, Instant.now());
    } catch (IOException refused) {
      LOG.warn("closing the log of container {}: {}", containerId, refused.getMessage());
    }
  }
}
