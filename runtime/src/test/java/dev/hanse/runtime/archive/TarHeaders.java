package dev.hanse.runtime.archive;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Tar headers written by hand, as no honest program would. Layout: pax(1), "ustar". */
final class TarHeaders {
  private TarHeaders() {}

  static byte[] header(char type, String name, long size) {
    byte[] block = new byte[512];
    put(block, 0, name);
    put(block, 100, "0000644");
    put(block, 108, "0000000");
    put(block, 116, "0000000");
    put(block, 124, String.format(Locale.ROOT, "%011o", size));
    put(block, 136, "00000000000");
    block[156] = (byte) type;
    put(block, 257, type == 'S' ? "ustar  " : "ustar\00000");
    return summed(block);
  }

  static byte[] summed(byte[] block) {
    Arrays.fill(block, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte one : block) {
      sum += one & 0xff;
    }
    put(block, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
    return block;
  }

  static void put(byte[] block, int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(bytes, 0, block, offset, bytes.length);
  }

  /** A text padded to whole blocks. */
  static byte[] padded(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    return Arrays.copyOf(bytes, (bytes.length + 511) / 512 * 512);
  }

  /** Some bytes and then the same byte, so many times. */
  static Repeated stream(List<byte[]> start, char filler, long count) {
    List<InputStream> parts =
        start.stream().map(bytes -> (InputStream) new ByteArrayInputStream(bytes)).toList();
    return new Repeated(new SequenceInputStream(Collections.enumeration(parts)), filler, count);
  }

  /** Counts what was taken of it. */
  static final class Repeated extends InputStream {
    private final InputStream start;
    private final char filler;
    private long left;
    private long taken;

    Repeated(InputStream start, char filler, long count) {
      this.start = start;
      this.filler = filler;
      this.left = count;
    }

    long taken() {
      return taken;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int count = start.read(target, offset, length);
      if (count < 0 && left > 0) {
        count = (int) Math.min(length, left);
        Arrays.fill(target, offset, offset + count, (byte) filler);
        left -= count;
      }
      taken += Math.max(0, count);
      return count;
    }
  }
}
