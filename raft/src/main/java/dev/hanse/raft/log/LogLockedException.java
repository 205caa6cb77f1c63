package dev.hanse.raft.log;

import java.io.IOException;

/** The log's keys are wrapped by an unlock key, and the right one was not given. */
public final class LogLockedException extends IOException {
  /** A reason in words. */
  public LogLockedException(String message) {
    super(message);
  }
}
