package dev.hanse.web;

import dev.hanse.bounds.BoundedJson;
import dev.hanse.bounds.HeapShares;
import dev.hanse.bounds.MemoryShare;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads bodies that are held in memory. All of them together have a share of the heap: while bodies
 * arrive, the one that has not moved for longest is cut to make room; while they are worked on,
 * others are refused.
 */
final class BodyReader {
  /** A longer JSON body is refused with 413: twice the largest config (1000 KiB, in base64). */
  static final int BYTES_MAX = 4 << 20;

  private static final int PART_BYTES = 8 << 10;
  private static final long DRAINED_BYTES_MAX = 2L * BYTES_MAX;

  /** The growing buffer and the copy made of it. */
  private static final int BUFFER_FACTOR = 3;

  private BodyReader() {}

  /**
   * Reads a body to its end.
   *
   * @param declared its length, or -1
   * @param cut ends the connection
   * @throws HttpFailure 413 or 503
   */
  static byte[] read(InputStream body, long declared, Runnable cut) throws IOException {
    if (declared > BYTES_MAX) {
      drain(body);
      throw tooLong();
    }
    int expected = declared < 0 ? PART_BYTES : (int) Math.min(declared, PART_BYTES);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(expected);
    byte[] part = new byte[Math.max(1, expected)];
    try (MemoryShare.Claim arriving = HeapShares.REQUESTS.yielding(cut);
        body) {
      for (int count = body.read(part); count >= 0; count = body.read(part)) {
        if (bytes.size() + count > BYTES_MAX) {
          drain(body);
          throw tooLong();
        }
        if (!arriving.grow((long) count * BUFFER_FACTOR)) {
          drain(body);
          throw tooMany();
        }
        arriving.moved();
        bytes.write(part, 0, count);
      }
    }
    return bytes.toByteArray();
  }

  /** Counts what the body's tree will take. */
  static void countTree(MemoryShare.Claim memory, byte[] body) {
    long bytes = BoundedJson.treeBytes(body);
    if (bytes > HeapShares.REQUESTS.bytesMax()) {
      throw new HttpFailure(413, "request body has too many parts");
    }
    if (!memory.grow(bytes)) {
      throw tooMany();
    }
  }

  /** Reads the rest of a body that nobody wants. */
  static void skip(InputStream body) throws IOException {
    byte[] part = new byte[PART_BYTES];
    long skipped = 0;
    for (int count = body.read(part); count >= 0; count = body.read(part)) {
      skipped += count;
      if (skipped > BYTES_MAX) {
        throw tooLong();
      }
    }
  }

  /** Takes what a refused client still sends; no more than twice what a body may have. */
  static void drain(InputStream body) throws IOException {
    byte[] part = new byte[PART_BYTES];
    long left = DRAINED_BYTES_MAX;
    while (left > 0) {
      int count = body.read(part);
      if (count < 0) {
        return;
      }
      left -= count;
    }
  }

  private static HttpFailure tooLong() {
    return new HttpFailure(413, "request body is longer than " + BYTES_MAX + " bytes");
  }

  private static HttpFailure tooMany() {
    return new HttpFailure(503, "too many request bodies are being read: try again later");
  }
}
