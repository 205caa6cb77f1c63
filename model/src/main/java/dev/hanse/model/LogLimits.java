package dev.hanse.model;

import dev.hanse.text.Digits;
import dev.hanse.text.Form;
import dev.hanse.text.Letters;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What the options of the log drivers say that keep logs on their node. Asked by the managers for a
 * service, and by the node for each container. Pure.
 *
 * @param fileBytesMax {@code max-size}: size at which a new file is begun, bytes
 * @param files {@code max-file}: how many files are kept
 */
public record LogLimits(OptionalLong fileBytesMax, OptionalInt files) {
  /** The driver that keeps nothing. */
  public static final String NONE = "none";

  private static final Set<String> DRIVERS = Set.of("", "json-file", "local");

  /** Options of json-file and local that change what readers print or nothing that concerns us. */
  private static final Set<String> OTHERS =
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

  /** Whether it is one of the drivers whose options are read here; empty is the standard one. */
  public static boolean isOf(String driver) {
    return DRIVERS.contains(driver);
  }

  /**
   * Why a node would refuse the options; those of drivers that are not read here are not judged.
   */
  public static Optional<String> fault(String driver, Map<String, String> options) {
    if (!isOf(driver)) {
      return Optional.empty();
    }
    try {
      parse(driver, options);
      return Optional.empty();
    } catch (IllegalArgumentException refused) {
      return Optional.of(String.valueOf(refused.getMessage()));
    }
  }

  /**
   * Reads the options of one of the {@link #isOf drivers}.
   *
   * @throws IllegalArgumentException for an unknown option or value; the message is for the user
   */
  public static LogLimits parse(String driver, Map<String, String> options) {
    OptionalLong size = OptionalLong.empty();
    OptionalInt files = OptionalInt.empty();
    for (Map.Entry<String, String> option : options.entrySet()) {
      switch (option.getKey()) {
        case "max-size" -> size = OptionalLong.of(size(option.getValue()));
        case "max-file" -> files = OptionalInt.of(files(option.getValue()));
        default -> {
          if (!OTHERS.contains(option.getKey())) {
            throw new IllegalArgumentException(
                "unknown log opt '%s' for %s log driver"
                    .formatted(option.getKey(), driver.isEmpty() ? "json-file" : driver));
          }
        }
      }
    }
    return new LogLimits(size, files);
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
