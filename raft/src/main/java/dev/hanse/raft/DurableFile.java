package dev.hanse.raft;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.hanse.kernel.file.OwnFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that appear whole or not at all, and stay after a power cut. */
final class DurableFile {
  private DurableFile() {}

  /** Something that writes the file. */
  interface Writer {
    void write(FileChannel out) throws IOException;
  }

  static void replace(Path file, byte[] content) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(content);
    replace(
        file,
        out -> {
          while (bytes.hasRemaining()) {
            out.write(bytes);
          }
        });
  }

  /** Writes beside the file, to disk, and puts it in place; readable by its owner only. */
  static void replace(Path file, Writer content) throws IOException {
    OwnFiles.directoryOf(file, OwnFiles.OWNER);
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try (FileChannel out =
        OwnFiles.open(temporary, OwnFiles.OWNER_FILE, CREATE, TRUNCATE_EXISTING, WRITE)) {
      content.write(out);
      out.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
    move(temporary, file);
  }

  /** Puts a file that is on disk already into its place. */
  static void move(Path from, Path to) throws IOException {
    Files.move(from, to, ATOMIC_MOVE);
    OwnFiles.syncDirectoryOf(to);
  }
}
