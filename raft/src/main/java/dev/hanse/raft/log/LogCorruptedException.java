package dev.hanse.raft.log;

import java.io.IOException;
import java.nio.file.Path;

/** Files of the log are not what was written; nothing was changed, a person must decide. */
public final class LogCorruptedException extends IOException {
  private final Path file;
  private final long offset;

  /** What is wrong at which byte of which file. */
  public LogCorruptedException(Path file, long offset, String problem) {
    super("corrupted log file " + file + " at offset " + offset + ": " + problem);
    this.file = file;
    this.offset = offset;
  }

  /** The damaged file. */
  public Path file() {
    return file;
  }

  /** Where the first damaged record begins, in bytes. */
  public long offset() {
    return offset;
  }
}
