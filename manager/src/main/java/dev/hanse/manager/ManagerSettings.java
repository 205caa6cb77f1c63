package dev.hanse.manager;

import dev.hanse.health.Health;
import dev.hanse.raft.log.LogKeys;
import dev.hanse.raft.log.LogLockedException;
import dev.hanse.raft.log.LogSettings;
import dev.hanse.raft.log.Member;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * What a manager needs to know to start.
 *
 * @param logDirectory where the replicated log is kept; the manager's alone
 * @param listen address and port of the gRPC server
 * @param advertise "HOST:PORT" under which the other nodes reach it
 * @param clock the wall clock
 * @param stopPatience how long the stop of a task waits for nodes that do not say that they send it
 *     no more connections
 * @param health what the manager's threads report to
 */
public record ManagerSettings(
    Path logDirectory,
    InetSocketAddress listen,
    String advertise,
    InstantSource clock,
    Duration stopPatience,
    Health health) {
  /** What {@link #stopPatience} is unless told otherwise. */
  public static final Duration STOP_PATIENCE_DEFAULT = Duration.ofSeconds(2);

  /** With all defaults. */
  public ManagerSettings(
      Path logDirectory,
      InetSocketAddress listen,
      String advertise,
      InstantSource clock,
      Health health) {
    this(logDirectory, listen, advertise, clock, STOP_PATIENCE_DEFAULT, health);
  }

  /**
   * How this manager's log is kept.
   *
   * @param unlockKey that the log's keys are wrapped with, if they are
   * @throws LogLockedException if the keys need another unlock key
   * @throws IOException if the keys cannot be read or written
   */
  LogSettings log(String nodeId, LogSettings.Start start, Optional<byte[]> unlockKey)
      throws IOException {
    return LogSettings.of(
        logDirectory,
        new Member(nodeId, advertise),
        start,
        LogKeys.load(keys(), unlockKey),
        health);
  }

  /**
   * Does it take an unlock key to read this manager's log?
   *
   * @throws IOException if the log's keys cannot be read
   */
  public boolean isLocked() throws IOException {
    return LogKeys.locked(keys());
  }

  private Path keys() {
    return logDirectory.resolve("keys");
  }
}
