package dev.hanse.node;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Puts before each line of a log the priority that the journal of systemd reads there, {@code <N>}
 * (sd-daemon(3)): that of the level which the line begins with. Further lines of a message, such as
 * a stack trace, have the priority of the first.
 */
final class JournalLines extends FilterOutputStream {
  private static final Map<String, Integer> PRIORITIES =
      Map.of("ERROR ", 3, "WARN ", 4, "INFO ", 6, "DEBUG ", 7, "TRACE ", 7);

  /** A line is passed on when it is so long, in parts. */
  private static final int LINE_BYTES_MAX = 16_384;

  private static final int INFO = 6;

  private final byte[] line = new byte[LINE_BYTES_MAX];
  private int length;
  private int priority = INFO;

  /** Writes to the journal's stream, one write for each line. */
  JournalLines(OutputStream journal) {
    super(journal);
  }

  /**
   * Whether the standard error goes to the journal: the variable holds device and inode of the
   * stream which systemd has made (systemd.exec(5)).
   */
  static boolean isStandardError(String journalStream) {
    try {
      Map<String, Object> error = Files.readAttributes(Path.of("/proc/self/fd/2"), "unix:dev,ino");
      return journalStream.equals(error.get("dev") + ":" + error.get("ino"));
    } catch (IOException | UnsupportedOperationException unknown) {
      return false;
    }
  }

  @Override
  public synchronized void write(int one) throws IOException {
    if (one != '\n') {
      line[length++] = (byte) one;
    }
    if (one == '\n' || length == line.length) {
      writeLine();
    }
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int count) throws IOException {
    for (int at = offset; at < offset + count; at++) {
      write(bytes[at]);
    }
  }

  private void writeLine() throws IOException {
    String begin = new String(line, 0, Math.min(length, 6), StandardCharsets.ISO_8859_1);
    PRIORITIES.forEach(
        (level, number) -> {
          if (begin.startsWith(level)) {
            priority = number;
          }
        });
    ByteArrayOutputStream whole = new ByteArrayOutputStream(length + 4);
    whole.writeBytes(("<" + priority + ">").getBytes(StandardCharsets.US_ASCII));
    whole.write(line, 0, length);
    whole.write('\n');
    length = 0;
    out.write(whole.toByteArray());
    out.flush();
  }
}
