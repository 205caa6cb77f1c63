package dev.hanse.kernel.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/**
 * The one place where files and directories of this program are made, each with its mode. The umask
 * does not matter, and what an earlier version left open is closed when it is used again. A test of
 * the architecture keeps all other classes from making files by other means.
 *
 * <p>What is made belongs to its owner alone unless a mode is given. A mode never opens what exists
 * already: an administrator may have closed it further.
 */
public final class OwnFiles {
  /** Of directories: for the owner alone. */
  public static final int OWNER = 0700;

  /** Of a data root, as in Docker: the group may go through, which needs the exact names. */
  public static final int GROUP_PASSAGE = 0710;

  /** Of a directory with a socket or with mount points in it: anybody may go through. */
  public static final int PASSAGE = 0711;

  /** Of files: for the owner alone. */
  public static final int OWNER_FILE = 0600;

  /** Of containers' logs, as in Docker. */
  public static final int GROUP_FILE = 0640;

  private static final int PERMISSIONS = 07777;

  private OwnFiles() {}

  /** Makes a directory of mode 0700, and the missing ones above it; closes one that exists. */
  public static void directory(Path path) throws IOException {
    directory(path, OWNER);
  }

  /**
   * Makes a directory, and the missing ones above it with the same mode. One that exists loses the
   * permissions that the mode has not.
   *
   * @throws FileAlreadyExistsException if it is something else
   */
  public static void directory(Path path, int mode) throws IOException {
    Path absolute = path.toAbsolutePath();
    Path parent = absolute.getParent();
    if (parent != null && !Files.isDirectory(parent)) {
      directory(parent, mode);
    }
    try {
      Files.createDirectory(absolute, attribute(OWNER));
    } catch (FileAlreadyExistsException present) {
      if (!Files.isDirectory(absolute)) {
        throw present;
      }
      close(absolute, mode);
      return;
    }
    set(absolute, mode);
  }

  /** Makes the directory that a file is to be in, as {@link #directory(Path, int)} does. */
  public static void directoryOf(Path file, int mode) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      directory(parent, mode);
    }
  }

  /** A new directory for the owner alone, whose name nobody can know before. */
  public static Path temporaryDirectory(Path parent, String prefix) throws IOException {
    return Files.createTempDirectory(parent, prefix, attribute(OWNER));
  }

  /** A new file of mode 0600 where the machine keeps what is temporary; the caller deletes it. */
  public static Path temporaryFile(String prefix, String suffix) throws IOException {
    return Files.createTempFile(prefix, suffix, attribute(OWNER_FILE));
  }

  /**
   * Opens a file; one that is made gets exactly the mode, one that exists loses what that has not.
   *
   * @param options as for {@link FileChannel#open(Path, OpenOption...)}
   */
  public static FileChannel open(Path file, int mode, OpenOption... options) throws IOException {
    boolean present = Files.exists(file);
    FileChannel channel = FileChannel.open(file, Set.of(options), attribute(mode & OWNER));
    try {
      if (present) {
        close(file, mode);
      } else {
        set(file, mode);
      }
      return channel;
    } catch (IOException | RuntimeException fault) {
      channel.close();
      throw fault;
    }
  }

  /**
   * Opens what exists, whatever its mode.
   *
   * @param options none for reading; none that makes a file
   */
  public static FileChannel existing(Path path, OpenOption... options) throws IOException {
    Set<OpenOption> wanted = Set.of(options);
    if (wanted.contains(StandardOpenOption.CREATE)
        || wanted.contains(StandardOpenOption.CREATE_NEW)) {
      throw new IllegalArgumentException("made without a mode: " + path);
    }
    return FileChannel.open(path, wanted);
  }

  /** Writes to what exists, whatever its mode: a setting of the kernel. */
  public static void overwrite(Path path, String content) throws IOException {
    Files.writeString(path, content, StandardOpenOption.WRITE);
  }

  /** Makes an empty file of mode 0600; fails if there is something. */
  public static void create(Path file) throws IOException {
    open(file, OWNER_FILE, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE).close();
  }

  /** Writes a file of mode 0600, over what is in it. */
  public static void write(Path file, byte[] content) throws IOException {
    write(file, content, OWNER_FILE);
  }

  /** Writes a file of mode 0600 in UTF-8, over what is in it. */
  public static void write(Path file, String content) throws IOException {
    write(file, content.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes a file, over what is in it. */
  public static void write(Path file, byte[] content, int mode) throws IOException {
    try (FileChannel channel =
        open(
            file,
            mode,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }

  /** A file of mode 0600 to whose end a process that is to be started writes. */
  public static ProcessBuilder.Redirect appending(Path file) throws IOException {
    open(file, OWNER_FILE, StandardOpenOption.CREATE, StandardOpenOption.WRITE).close();
    return ProcessBuilder.Redirect.appendTo(file.toFile());
  }

  /** Takes from what exists the permissions that the mode has not; nothing exists: nothing done. */
  public static void close(Path path, int mode) throws IOException {
    try {
      int present = mode(path);
      if ((present & ~mode) != 0) {
        set(path, present & mode);
      }
    } catch (NoSuchFileException gone) {
      return;
    }
  }

  private static int mode(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:mode") & PERMISSIONS;
  }

  private static void set(Path path, int mode) throws IOException {
    Files.setAttribute(path, "unix:mode", mode);
  }

  private static FileAttribute<Set<PosixFilePermission>> attribute(int mode) {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    PosixFilePermission[] all = PosixFilePermission.values();
    for (int bit = 0; bit < all.length; bit++) {
      // The values stand in the order of the bits, the owner's right to read first.
      if ((mode >> (all.length - 1 - bit) & 1) != 0) {
        permissions.add(all[bit]);
      }
    }
    return PosixFilePermissions.asFileAttribute(permissions);
  }
}
