package dev.hanse.agent.log;

import dev.hanse.model.LogLimits;
import java.util.Map;

/**
 * How a container's log is kept.
 *
 * @param kept false for the driver {@code none}: what the container writes is read and dropped
 * @param fileBytesMax size at which a new file is begun, bytes
 * @param files how many files are kept, the one being written included
 */
public record LogOptions(boolean kept, long fileBytesMax, int files) {
  /** Where no option says otherwise: unlike Docker's json-file a log is always bounded. */
  public static final LogOptions STANDARD = new LogOptions(true, 20L << 20, 5);

  /** Nothing is kept. */
  public static final LogOptions NONE = new LogOptions(false, 0, 0);

  /** Both limits hold at least one record. */
  public LogOptions {
    if (kept && (fileBytesMax < 1 || files < 1)) {
      throw new IllegalArgumentException("a log needs at least one file of at least one byte");
    }
  }

  /**
   * Reads the log driver of a task or container.
   *
   * @param driver {@code json-file}, {@code local}, {@code none}, or empty for the standard one
   * @param options {@code max-size} (a number with k, m or g), {@code max-file}
   * @throws IllegalArgumentException for an unknown driver or option; the message is for the user
   */
  public static LogOptions of(String driver, Map<String, String> options) {
    if (driver.equals(LogLimits.NONE)) {
      return NONE;
    }
    if (!LogLimits.isOf(driver)) {
      throw new IllegalArgumentException(
          "logger: no log driver named '" + driver + "' is registered");
    }
    LogLimits limits = LogLimits.parse(driver, options);
    return new LogOptions(
        true,
        limits.fileBytesMax().orElse(STANDARD.fileBytesMax),
        limits.files().orElse(STANDARD.files));
  }
}
