package dev.hanse.runtime.content;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A decompressed stream that ends with a fault when it has become out of proportion. What is small
 * may have any ratio: a gibibyte of zeros is an honest layer.
 */
public final class Inflation extends FilterInputStream {
  /** Decompressed bytes that need no justification. */
  public static final long FREE_BYTES = 1L << 30;

  /** Beyond them, decompressed bytes for each compressed one. Programs and texts have 2 to 20. */
  static final long RATIO_MAX = 200;

  private final Counted compressed;
  private long inflated;

  /** Holds the plain stream against what was read of the compressed one. */
  public Inflation(Counted compressed, InputStream plain) {
    super(plain);
    this.compressed = compressed;
  }

  /** What so many compressed bytes may become. */
  static long allowed(long compressedBytes) {
    return Math.max(FREE_BYTES, Math.multiplyExact(compressedBytes, RATIO_MAX));
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int count = super.read(target, offset, length);
    inflated += Math.max(0, count);
    if (inflated > allowed(compressed.count())) {
      throw new IOException(
          "decompressed size is more than " + RATIO_MAX + " times the compressed size");
    }
    return count;
  }

  @Override
  public long skip(long count) throws IOException {
    byte[] discarded = new byte[Math.clamp(count, 0, 8192)];
    return discarded.length == 0 ? 0 : Math.max(0, read(discarded, 0, discarded.length));
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  /** Counts what is read of a stream. */
  public static final class Counted extends FilterInputStream {
    private long count;

    /** Counts what is read of the source. */
    public Counted(InputStream source) {
      super(source);
    }

    long count() {
      return count;
    }

    @Override
    public int read() throws IOException {
      int one = super.read();
      count += one < 0 ? 0 : 1;
      return one;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int read = super.read(target, offset, length);
      count += Math.max(0, read);
      return read;
    }
  }
}
