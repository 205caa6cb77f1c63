package dev.hanse.kernel.file;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The lines of {@code /proc/PID/mountinfo} (proc(5)). */
final class MountTable {
  private static final int FIELDS_BEFORE_OPTIONAL = 6;

  private MountTable() {}

  /**
   * Reads one line.
   *
   * @throws IllegalArgumentException if it has not the expected fields
   */
  static Mount parse(String line) {
    List<String> fields = Arrays.asList(line.split(" "));
    int separator = fields.indexOf("-");
    if (separator < FIELDS_BEFORE_OPTIONAL || fields.size() < separator + 4) {
      throw new IllegalArgumentException("not a line of a mount table: " + line);
    }
    return new Mount(
        Path.of(unescape(fields.get(4))),
        unescape(fields.get(3)),
        fields.get(separator + 1),
        unescape(fields.get(separator + 2)),
        fields.get(5),
        unescape(fields.get(separator + 3)),
        fields.subList(FIELDS_BEFORE_OPTIONAL, separator).stream()
            .anyMatch(field -> field.startsWith("shared:")));
  }

  /** Space, tab, newline and backslash are written as three octal digits. */
  private static String unescape(String field) {
    if (field.indexOf('\\') < 0) {
      return field;
    }
    byte[] bytes = field.getBytes(StandardCharsets.UTF_8);
    byte[] result = new byte[bytes.length];
    int length = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\\' && i + 3 < bytes.length) {
        result[length++] =
            (byte) ((bytes[i + 1] - '0') * 64 + (bytes[i + 2] - '0') * 8 + (bytes[i + 3] - '0'));
        i += 3;
      } else {
        result[length++] = bytes[i];
      }
    }
    return new String(result, 0, length, StandardCharsets.UTF_8);
  }
}
