package dev.hanse.runtime.archive;

import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.content.Inflation;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarUtils;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;

/** Opens tar streams: undoes their compression and looks whether they are tars at all. */
final class Archives {
  private static final int TAR_BLOCK_BYTES = 512;
  private static final int BUFFER_BYTES = 64 << 10;

  private Archives() {}

  /** The plain tar inside; BAD_TAR if it is none. */
  static InputStream plainTar(InputStream archive) throws IOException {
    var compressed = new Inflation.Counted(archive);
    var plain =
        new BufferedInputStream(new Inflation(compressed, decompress(compressed)), BUFFER_BYTES);
    plain.mark(TAR_BLOCK_BYTES);
    byte[] header = plain.readNBytes(TAR_BLOCK_BYTES);
    plain.reset();
    if (header.length == 0) {
      throw new RuntimeFault(RuntimeFault.Kind.BAD_TAR, "archive is empty");
    }
    if (header.length < TAR_BLOCK_BYTES || !isHeader(header)) {
      throw new RuntimeFault(RuntimeFault.Kind.BAD_TAR, "archive/tar: invalid tar header");
    }
    return plain;
  }

  private static boolean isHeader(byte[] block) {
    for (byte value : block) {
      if (value != 0) {
        return hasRightSum(block);
      }
    }
    // All zero is the end mark: a tar without entries.
    return true;
  }

  private static boolean hasRightSum(byte[] block) {
    try {
      return TarUtils.verifyCheckSum(block);
    } catch (IllegalArgumentException noNumber) {
      return false;
    }
  }

  private static InputStream decompress(InputStream archive) throws IOException {
    var buffered = new BufferedInputStream(archive, BUFFER_BYTES);
    buffered.mark(6);
    byte[] start = buffered.readNBytes(6);
    buffered.reset();
    return switch (form(start)) {
      case GZIP -> new GZIPInputStream(buffered, BUFFER_BYTES);
      case BZIP2 -> new BZip2CompressorInputStream(buffered, true);
      case XZ, ZSTD ->
          throw new RuntimeFault(
              RuntimeFault.Kind.BAD_TAR,
              "archives compressed by " + form(start) + " cannot be read; use gzip or none");
      case NONE -> buffered;
    };
  }

  private enum Form {
    NONE,
    GZIP,
    BZIP2,
    XZ,
    ZSTD
  }

  private static Form form(byte[] start) {
    if (begins(start, 0x1f, 0x8b)) {
      return Form.GZIP;
    }
    if (begins(start, 'B', 'Z', 'h')) {
      return Form.BZIP2;
    }
    if (begins(start, 0xfd, '7', 'z', 'X', 'Z')) {
      return Form.XZ;
    }
    return begins(start, 0x28, 0xb5, 0x2f, 0xfd) ? Form.ZSTD : Form.NONE;
  }

  private static boolean begins(byte[] start, int... magic) {
    if (start.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((start[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }

  static RuntimeFault badTar(IOException failure) {
    return new RuntimeFault(
        RuntimeFault.Kind.BAD_TAR, "archive cannot be read: " + failure.getMessage(), failure);
  }
}
