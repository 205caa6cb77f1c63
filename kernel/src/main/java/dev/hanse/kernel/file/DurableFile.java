package dev.hanse.kernel.file;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * The one place where a file is put in place of another: written beside it, brought to disk,
 * renamed, and the directory brought to disk as well. So it is there whole or not at all, and stays
 * after a power cut. A test of the architecture keeps all other classes from renaming files.
 *
 * <p>The directory must exist; no other process or thread replaces the same file at the same time.
 * What others read back for truth is better written as a {@link DurableRecord}.
 */
public final class DurableFile {
  private static final String UNFINISHED = ".tmp";
  private static final String BROKEN = ".broken";

  private DurableFile() {}

  /** Something that writes the file. */
  @FunctionalInterface
  public interface Writer {
    /** Writes all of it. */
    void write(FileChannel out) throws IOException;
  }

  /** Puts a file of mode 0600 in place. */
  public static void replace(Path file, byte[] content) throws IOException {
    replace(file, OwnFiles.OWNER_FILE, content);
  }

  /** Puts a file of mode 0600 in place, in UTF-8. */
  public static void replace(Path file, String content) throws IOException {
    replace(file, content.getBytes(StandardCharsets.UTF_8));
  }

  /** Puts a file in place. */
  public static void replace(Path file, int mode, byte[] content) throws IOException {
    replace(file, mode, out -> writeAll(out, content));
  }

  /**
   * Puts a file in place.
   *
   * @throws IOException what the writer throws too; the former file is as it was then
   */
  public static void replace(Path file, int mode, Writer content) throws IOException {
    move(
        written(
            file,
            mode,
            out -> {
              content.write(out);
              out.force(true);
            }),
        file);
  }

  /**
   * Puts a file of mode 0600 in place without waiting for the disk: whole for whoever looks and
   * after a crash of the program, but a power cut may leave it empty. For what means nothing after
   * the next boot, or is read with a checksum and can be missed.
   */
  static void replaceUntilBoot(Path file, byte[] content) throws IOException {
    Files.move(
        written(file, OwnFiles.OWNER_FILE, out -> writeAll(out, content)),
        file,
        ATOMIC_MOVE,
        REPLACE_EXISTING);
  }

  private static Path written(Path file, int mode, Writer content) throws IOException {
    Path unfinished = file.resolveSibling(file.getFileName() + UNFINISHED);
    Files.deleteIfExists(unfinished);
    try (FileChannel out = OwnFiles.open(unfinished, mode, CREATE_NEW, WRITE)) {
      content.write(out);
    } catch (IOException | RuntimeException fault) {
      Files.deleteIfExists(unfinished);
      throw fault;
    }
    return unfinished;
  }

  private static void writeAll(FileChannel out, byte[] content) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(content);
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  /** Puts a file or directory that is on disk already into its place. */
  public static void move(Path from, Path to) throws IOException {
    Files.move(from, to, ATOMIC_MOVE, REPLACE_EXISTING);
    syncDirectoryOf(to);
  }

  /** Deletes a file for good; nothing happens when there is none. */
  public static void delete(Path file) throws IOException {
    if (Files.deleteIfExists(file)) {
      syncDirectoryOf(file);
    }
  }

  /**
   * Takes a file out of the way that says nothing sensible, for somebody to look at: it is called
   * {@code NAME.broken} then, in place of an earlier one of that name.
   */
  public static Path setAside(Path file) throws IOException {
    Path aside = broken(file);
    move(file, aside);
    return aside;
  }

  /** Where {@link #setAside} has put a file. */
  public static Path broken(Path file) {
    return file.resolveSibling(file.getFileName() + BROKEN);
  }

  /** Removes what a crash has left of files that were not finished. */
  public static void removeUnfinished(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + UNFINISHED)) {
      for (Path file : files) {
        if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) { // Those are not ours.
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /** Brings to disk which files are in the directory of a file; their content is not meant. */
  public static void syncDirectoryOf(Path file) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      try (FileChannel directory = OwnFiles.existing(parent)) {
        directory.force(true);
      }
    }
  }
}
