package dev.hanse.runtime.archive;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The one way to read a tar that somebody else made. The library keeps in memory what stands
 * between the contents of two entries (long names, pax records, sparse maps), of any length: so
 * while it looks for the next entry it is given {@link #HEADER_BYTES_MAX} and no more. Since each
 * entry has a reader of its own, a global pax header holds for the entry behind it only; Go's
 * reader, which Docker uses, does not apply it at all.
 */
final class BoundedTar {
  /** What may stand between the contents of two entries, bytes. Docker writes 1.5 KiB at most. */
  static final int HEADER_BYTES_MAX = 256 << 10;

  /** Longest name: PATH_MAX. */
  static final int NAME_CHARACTERS_MAX = 4096;

  static final int ENTRIES_MAX = 10_000;

  /** All names together: who reads an archive remembers them. */
  static final int NAMES_CHARACTERS_MAX = 4 << 20;

  private static final int RECORD_BYTES = 512;

  private final Source source;
  private @Nullable TarArchiveInputStream content;
  private int entries;
  private int characters;

  BoundedTar(InputStream plain) {
    source = new Source(plain);
  }

  /**
   * The next entry; what is left of the last one's content is skipped.
   *
   * @return empty at the archive's end
   * @throws IOException if the archive is damaged, or exceeds a limit
   */
  Optional<TarArchiveEntry> next() throws IOException {
    try {
      skipRest();
      source.allow(HEADER_BYTES_MAX);
      content =
          new TarArchiveInputStream(
              source, RECORD_BYTES, RECORD_BYTES, StandardCharsets.UTF_8.name());
      TarArchiveEntry entry = content.getNextEntry();
      source.allow(Long.MAX_VALUE);
      if (entry == null) {
        return Optional.empty();
      }
      require(entry);
      return Optional.of(entry);
    } catch (IllegalArgumentException | IndexOutOfBoundsException | StackOverflowError malformed) {
      throw new IOException("archive/tar: invalid tar header", malformed);
    }
  }

  /** The present entry's content. */
  InputStream content() {
    if (content == null) {
      throw new IllegalStateException("no entry was asked for");
    }
    return content;
  }

  private void require(TarArchiveEntry entry) throws IOException {
    if (++entries > ENTRIES_MAX) {
      throw new IOException("archive has more than " + ENTRIES_MAX + " files");
    }
    if (entry.isSparse()) {
      // A few bytes would stand for any number of zeros.
      throw new IOException("archive has a sparse file");
    }
    int length = entry.getName().length() + entry.getLinkName().length();
    characters += length;
    if (length > NAME_CHARACTERS_MAX || characters > NAMES_CHARACTERS_MAX) {
      throw new IOException("archive has too long names");
    }
  }

  private void skipRest() throws IOException {
    if (content != null) {
      byte[] discarded = new byte[8192];
      int count = content.read(discarded);
      while (count >= 0) {
        count = content.read(discarded);
      }
      source.skipNBytes(Math.floorMod(-source.position, (long) RECORD_BYTES));
    }
  }

  /** Counts, and ends the reading of a header that goes on for too long. */
  private static final class Source extends FilterInputStream {
    private long position;
    private long end = Long.MAX_VALUE;

    Source(InputStream plain) {
      super(plain);
    }

    void allow(long bytes) {
      end = bytes > Long.MAX_VALUE - position ? Long.MAX_VALUE : position + bytes;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (position >= end && length > 0) {
        throw new IOException(
            "archive/tar: header field too long: more than " + HEADER_BYTES_MAX + " bytes");
      }
      int count = super.read(target, offset, (int) Math.min(length, end - position));
      position += Math.max(0, count);
      return count;
    }

    @Override
    public long skip(long count) throws IOException {
      // By reading, which counts; the library asks for less than the rest of an entry.
      byte[] discarded = new byte[Math.clamp(count, 0, 8192)];
      return discarded.length == 0 ? 0 : Math.max(0, read(discarded, 0, discarded.length));
    }

    @Override
    public boolean markSupported() {
      return false;
    }
  }
}
