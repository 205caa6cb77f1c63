package dev.hanse.raft;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * A saved state on disk: the bytes, then their CRC-32C as eight bytes. The file appears whole or
 * not at all.
 */
final class SnapshotFile {
  private static final int CHECKSUM_BYTES = Long.BYTES;

  /** Something that writes or reads the state. */
  interface Writer {
    void write(OutputStream out) throws IOException;
  }

  interface Reader {
    void read(InputStream in) throws IOException;
  }

  private SnapshotFile() {}

  static void save(Path file, Writer state) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try (var channel = FileChannel.open(temporary, CREATE, TRUNCATE_EXISTING, WRITE)) {
      var checked =
          new CheckedOutputStream(
              new BufferedOutputStream(Channels.newOutputStream(channel)), new CRC32C());
      state.write(checked);
      DataOutputStream trailer = new DataOutputStream(checked);
      trailer.writeLong(checked.getChecksum().getValue());
      trailer.flush();
      channel.force(true);
      Files.move(temporary, file, ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
    try (var directory = FileChannel.open(file.getParent(), READ)) {
      directory.force(true);
    }
  }

  static void load(Path file, Reader state) throws IOException {
    verify(file);
    long length = Files.size(file) - CHECKSUM_BYTES;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      state.read(new Limited(in, length));
    }
  }

  private static void verify(Path file) throws IOException {
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
