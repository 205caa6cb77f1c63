package dev.hanse.bounds;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Reads JSON that somebody else wrote. A tree takes up to thirty times the bytes of its text, so
 * what it would take is counted before it is made.
 */
public final class BoundedJson {
  /** Deeper nesting than this is refused. */
  public static final int DEPTH_MAX = 100;

  /** Longer numbers than this are refused: to compute with them costs the square. */
  private static final int NUMBER_DIGITS_MAX = 100;

  /** Largest tree, bytes of heap. */
  public static final long TREE_BYTES_MAX = 32 << 20;

  // An object with its map, an array with its list, or an entry: measured with compact headers off.
  private static final int BYTES_PER_OPENING = 104;
  private static final int BYTES_PER_MEMBER = 72;

  private static final ObjectMapper MAPPER =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEPTH_MAX)
                          .maxNumberLength(NUMBER_DIGITS_MAX)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private BoundedJson() {}

  /** The mapper with these limits, for who has counted already or only writes. */
  public static ObjectMapper mapper() {
    return MAPPER;
  }

  /**
   * Parses a document.
   *
   * @throws IOException if it is no JSON, or too large to be held
   */
  public static JsonNode read(byte[] text) throws IOException {
    long bytes = treeBytes(text);
    if (bytes > TREE_BYTES_MAX) {
      throw new IOException(
          String.format(Locale.ROOT, "JSON document has too many parts (%d bytes)", text.length));
    }
    return MAPPER.readTree(text);
  }

  /**
   * Parses a file of ours; others may have written to it.
   *
   * @param bytesMax of the file; a longer one is not read
   */
  public static JsonNode read(Path file, int bytesMax) throws IOException {
    return read(BoundedFile.bytes(file, bytesMax));
  }

  /** What the text and its tree take of the heap at most, bytes. */
  public static long treeBytes(byte[] text) {
    long openings = 0;
    long members = 0;
    for (byte one : text) {
      switch (one) {
        case '{', '[' -> openings++;
        case ',', ':' -> members++;
        default -> {}
      }
    }
    return 3L * text.length + openings * BYTES_PER_OPENING + members * BYTES_PER_MEMBER;
  }
}
