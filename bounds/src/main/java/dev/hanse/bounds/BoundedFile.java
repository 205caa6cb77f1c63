package dev.hanse.bounds;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads files back that were written some time ago, and perhaps by somebody else since. */
public final class BoundedFile {
  private BoundedFile() {}

  /**
   * A file's bytes.
   *
   * @throws IOException also if there are more than allowed, no more than those are read then; and
   *     if it is no file but a pipe, which might never end, or the like
   */
  public static byte[] bytes(Path file, int bytesMax) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IOException(file + " is no regular file");
    }
    try (InputStream content = Files.newInputStream(file)) {
      // What its size was before says nothing when somebody else may write to it.
      byte[] bytes = content.readNBytes(bytesMax + 1);
      if (bytes.length > bytesMax) {
        throw new IOException(file + " has more than " + bytesMax + " bytes");
      }
      return bytes;
    }
  }
}
