package dev.hanse.agent.log;

import dev.hanse.text.Digits;
import dev.hanse.text.Form;
import dev.hanse.text.Letters;
import java.util.Map;
import java.util.Set;

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

  private static final Set<String> DRIVERS = Set.of("", "json-file", "local");

  // Options of json-file and local that change what readers print or nothing that concerns us.
  private static final Set<String> HARMLESS =
      Set.of(
          "compress",
          "mode",
          "max-buffer-size",
          "labels",
          "labels-regex",
          "env",
          "env-regex",
          "tag");

  private static final Form SIZE = Form.of("([0-9]{1,12})\\s*([kmgt]?)i?b?", 64);
  private static final int FILES_MAX = 1000;

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
    if (driver.equals("none")) {
      return NONE;
    }
    if (!DRIVERS.contains(driver)) {
      throw new IllegalArgumentException(
          "logger: no log driver named '" + driver + "' is registered");
    }
    LogOptions result = STANDARD;
    for (Map.Entry<String, String> option : options.entrySet()) {
      result =
          switch (option.getKey()) {
            case "max-size" -> new LogOptions(true, size(option.getValue()), result.files);
            case "max-file" -> new LogOptions(true, result.fileBytesMax, files(option.getValue()));
            default -> result.unchangedBy(option.getKey());
          };
    }
    return result;
  }

  private LogOptions unchangedBy(String option) {
    if (HARMLESS.contains(option)) {
      return this;
    }
    throw new IllegalArgumentException("unknown log opt '" + option + "' for json-file log driver");
  }

  private static long size(String text) {
    Form.Parts parts =
        SIZE.read(Letters.small(text))
            .orElseThrow(() -> new IllegalArgumentException("invalid value for max-size: " + text));
    int shift =
        switch (parts.part(2)) {
          case "k" -> 10;
          case "m" -> 20;
          case "g" -> 30;
          case "t" -> 40;
          default -> 0;
        };
    long bytes = Long.parseLong(parts.part(1)) << shift;
    if (bytes <= 0) {
      throw new IllegalArgumentException("max-size must be a positive number");
    }
    return bytes;
  }

  private static int files(String text) {
    if (!Digits.are(text, 4) || Integer.parseInt(text) < 1 || Integer.parseInt(text) > FILES_MAX) {
      throw new IllegalArgumentException("max-file must be a number from 1 to " + FILES_MAX);
    }
    return Integer.parseInt(text);
  }
}
