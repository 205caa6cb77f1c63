package dev.hanse.bounds;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads files back that were written some time ago, and perhaps by somebody else since. */
public final class BoundedFile {
  private BoundedFile() {}

  /**
   * A file's bytes.
   *
   * @throws IOException also if there are more than allowed; nothing is read then
   */
  public static byte[] bytes(Path file, int bytesMax) throws IOException {
    long size = Files.size(file);
    if (size > bytesMax) {
      throw new IOException(file + " has " + size + " bytes, more than " + bytesMax);
    }
    return Files.readAllBytes(file);
  }
}
