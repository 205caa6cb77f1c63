package dev.hanse.raft.log;

import dev.hanse.kernel.file.DurableFile;
import dev.hanse.kernel.file.OwnFiles;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * A saved state on disk: a sealed stream ({@link DataKey#sealing}), then the CRC-32C of its bytes
 * as eight bytes, so that a damaged file is known without a key. The file appears whole or not at
 * all.
 */
public final class SnapshotFile {
  private static final int CHECKSUM_BYTES = Long.BYTES;

  /** Something that writes or reads the state. */
  public interface Writer {
    void write(OutputStream out) throws IOException;
  }

  /** Takes what the file holds. */
  public interface Reader {
    void read(InputStream in) throws IOException;
  }

  private SnapshotFile() {}

  /** Writes the state, and reads back what is on disk before this returns. */
  public static void save(Path file, DataKey key, Writer state) throws IOException {
    OwnFiles.directoryOf(file, OwnFiles.OWNER);
    DurableFile.replace(
        file,
        OwnFiles.OWNER_FILE,
        channel -> {
          var checked =
              new CheckedOutputStream(
                  new BufferedOutputStream(Channels.newOutputStream(channel)), new CRC32C());
          try (OutputStream sealing = key.sealing(checked)) {
            state.write(sealing);
          }
          DataOutputStream trailer = new DataOutputStream(checked);
          trailer.writeLong(checked.getChecksum().getValue());
          trailer.flush();
        });
    try {
      verify(file);
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  /** Reads a whole snapshot. */
  public static void load(Path file, LogKeys keys, Reader state) throws IOException {
    verify(file);
    long length = Files.size(file) - CHECKSUM_BYTES;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      DataInputStream limited = new DataInputStream(new Limited(in, length));
      DataKey key = keys.key(limited.readLong());
      state.read(key.opening(limited));
    }
  }

  /** With which key the state was sealed. */
  public static long keyId(Path file) throws IOException {
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      return in.readLong();
    }
  }

  /**
   * Reads the file as a whole.
   *
   * @throws LogCorruptedException if it is not what was written
   */
  public static void verify(Path file) throws IOException {
    long length = Files.size(file) - CHECKSUM_BYTES;
    if (length < 0) {
      throw new LogCorruptedException(file, 0, "saved state ends early");
    }
    CRC32C crc = new CRC32C();
    try (var in =
        new DataInputStream(
            new CheckedInputStream(new BufferedInputStream(Files.newInputStream(file)), crc))) {
      in.skipNBytes(length);
      long found = crc.getValue();
      if (in.readLong() != found) {
        throw new LogCorruptedException(file, 0, "wrong checksum of the saved state");
      }
    }
  }

  /** The state's bytes without the trailer. */
  private static final class Limited extends InputStream {
    private final InputStream in;
    private long left;

    Limited(InputStream in, long left) {
      this.in = in;
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      if (left == 0) {
        return -1;
      }
      left--;
      return in.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (left == 0 && length > 0) {
        return -1;
      }
      int count = in.read(bytes, offset, (int) Math.min(length, left));
      left -= Math.max(count, 0);
      return count;
    }
  }
}
