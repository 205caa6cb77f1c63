package dev.hanse.kernel.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small file that this program reads back for truth, with a first line that says its length and
 * checksum: {@code hanse-record 1 LENGTH CRC32C}, both of eight hexadecimal digits. An empty, cut
 * or altered one is known as such, is set aside with a warning, and counts as not there.
 *
 * <p>A file without such a line was written by an earlier version: its reader judges it alone.
 */
public final class DurableRecord {
  private static final Logger LOG = LoggerFactory.getLogger(DurableRecord.class);
  private static final byte[] BEGIN = "hanse-record 1 ".getBytes(StandardCharsets.US_ASCII);
  private static final int DIGITS = 8;

  /** The words, a blank between the numbers, and the end of the line. */
  private static final int LINE_BYTES = BEGIN.length + 2 * DIGITS + 2;

  private DurableRecord() {}

  /** Makes sense of a record's content. */
  @FunctionalInterface
  public interface Reader<T> {
    /**
     * What the content says.
     *
     * @throws IOException if that is nothing sensible
     * @throws IllegalArgumentException likewise
     */
    T read(byte[] content) throws IOException;
  }

  /** Puts a record of mode 0600 in place, on disk; see {@link DurableFile}. */
  public static void write(Path file, byte[] content) throws IOException {
    DurableFile.replace(file, withLine(content));
  }

  /** As above, in UTF-8. */
  public static void write(Path file, String content) throws IOException {
    write(file, content.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Puts a record of mode 0600 in place that means nothing after the next boot, or can be missed
   * then; it is not waited for the disk.
   */
  public static void writeUntilBoot(Path file, byte[] content) throws IOException {
    DurableFile.replaceUntilBoot(file, withLine(content));
  }

  /**
   * Reads a record.
   *
   * @param bytesMax of its content
   * @return empty if there is none, or none that says something sensible: that is set aside
   * @throws IOException if the disk does not let it be read or set aside, or there is something
   *     that is no file, such as a pipe, which might never end
   */
  public static <T> Optional<T> read(Path file, int bytesMax, Reader<T> reader) throws IOException {
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(file)) {
      throw new IOException(file + " is no regular file: move it away");
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(LINE_BYTES + bytesMax + 1);
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
    String reason;
    try {
      return Optional.of(reader.read(content(bytes, bytesMax)));
    } catch (IOException | IllegalArgumentException broken) {
      reason = String.valueOf(broken.getMessage());
    }
    LOG.warn("{} is broken, it is kept as {}: {}", file, DurableFile.setAside(file), reason);
    return Optional.empty();
  }

  private static byte[] withLine(byte[] content) {
    String numbers =
        HexFormat.of().toHexDigits(content.length)
            + " "
            + HexFormat.of().toHexDigits(checksum(content))
            + "\n";
    return ByteBuffer.allocate(LINE_BYTES + content.length)
        .put(BEGIN)
        .put(numbers.getBytes(StandardCharsets.US_ASCII))
        .put(content)
        .array();
  }

  private static byte[] content(byte[] bytes, int bytesMax) throws IOException {
    int same = Arrays.mismatch(bytes, BEGIN);
    boolean hasLine = same < 0 || same >= Math.min(bytes.length, BEGIN.length);
    if (bytes.length == 0 || (hasLine && bytes.length < LINE_BYTES)) {
      throw new IOException("it has " + bytes.length + " bytes only");
    }
    byte[] content = hasLine ? Arrays.copyOfRange(bytes, LINE_BYTES, bytes.length) : bytes;
    if (content.length > bytesMax) {
      throw new IOException("it has more than " + bytesMax + " bytes");
    }
    if (hasLine && !Arrays.equals(withLine(content), 0, LINE_BYTES, bytes, 0, LINE_BYTES)) {
      throw new IOException("its content is not what was written");
    }
    return content;
  }

  private static int checksum(byte[] content) {
    CRC32C checksum = new CRC32C();
    checksum.update(content);
    return (int) checksum.getValue();
  }
}
