package dev.hanse.kernel.file;

import dev.hanse.kernel.Descriptors;
import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.NativeFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * A directory that is held by its descriptor, and the only safe way below a directory in which
 * somebody else may rename and link files while we look: a container, or whoever made an image.
 *
 * <p>A path that is checked and then used again is looked up twice, and in between a directory can
 * become a link to {@code /}. So open the directory itself here once ({@link #open}: nobody but the
 * host may be able to change the way to it), and go on from the handle: {@link #find}, {@link
 * #file}, {@link #pin} for one thing below it, {@link FileTree} for everything below it, {@link
 * Mounts#show} to mount what was found. Names without a slash ({@link EntryName}) are never
 * followed when they are links. Methods throw {@link KernelException}.
 */
public final class DirectoryHandle extends Handle {
  private static final boolean ARM = System.getProperty("os.arch", "").equals("aarch64");
  private static final int O_DIRECTORY = ARM ? 0x4000 : 0x10000;
  private static final int O_NOFOLLOW = ARM ? 0x8000 : 0x20000;
  private static final int O_EXCL = 0x80;
  private static final int O_PATH = 0x200000;
  private static final int O_CLOEXEC = 0x80000;
  private static final int AT_REMOVEDIR = 0x200;
  private static final int RENAME_NOREPLACE = 1;

  /** No way leads into a file system that is mounted below: that is somebody else's. */
  private static final long NO_OTHER_MOUNT = 1;

  /** openat2(2) has no function in older C libraries; its number is the same on all machines. */
  private static final long OPENAT2 = 437;

  private static final int OPEN_HOW_BYTES = 24;

  /** How often a path is tried again that was changed while it was looked up. */
  private static final int ATTEMPTS_MAX = 128;

  /** Not there (any more), or not what it would have to be (any more). */
  private static final Set<Errno> NOTHING_FIT =
      Set.of(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP, Errno.EXDEV);

  private static final NativeFunction SYSCALL =
      NativeFunction.ofC("syscall", NativeFunction.Result.LONG);
  private static final NativeFunction MKDIRAT =
      NativeFunction.ofC("mkdirat", NativeFunction.Result.INT);
  private static final NativeFunction UNLINKAT =
      NativeFunction.ofC("unlinkat", NativeFunction.Result.INT);
  private static final NativeFunction RENAMEAT2 =
      NativeFunction.ofC("renameat2", NativeFunction.Result.INT);
  private static final NativeFunction SYMLINKAT =
      NativeFunction.ofC("symlinkat", NativeFunction.Result.INT);
  private static final NativeFunction READLINKAT =
      NativeFunction.ofC("readlinkat", NativeFunction.Result.LONG);
  private static final int LINK_BYTES_MAX = 4096;
  private static final int SHOWN_CHARACTERS_MAX = 256;

  private DirectoryHandle(int descriptor, String name) {
    super(descriptor, name);
  }

  /**
   * Opens a directory to which only the host's administrator can change the way. The last name must
   * not be a link.
   */
  public static DirectoryHandle open(Path directory) {
    return open(directory, directory.toString());
  }

  static DirectoryHandle open(Path directory, String name) {
    return new DirectoryHandle(Descriptors.open(directory, O_DIRECTORY | O_NOFOLLOW), name);
  }

  /** What is pinned, to go on below it; ENOTDIR if it is no directory. */
  static DirectoryHandle of(PinnedHandle pinned) {
    return open(Path.of(pinned.path(), "."), pinned.name());
  }

  /**
   * The directory at a relative path.
   *
   * @return empty when there is none, or a link on the way is not allowed
   */
  public Optional<DirectoryHandle> find(String path, Links links) {
    try (Arena arena = Arena.ofConfined()) {
      return openBelow(arena.allocateFrom(path), path, O_DIRECTORY, links.bits())
          .map(opened -> new DirectoryHandle(opened, below(path)));
    }
  }

  /**
   * The regular file at a relative path, to be read. Nothing else is opened: no FIFO blocks, no
   * device starts to work.
   *
   * @return empty when there is none, or a link on the way is not allowed
   */
  public Optional<FileHandle> file(String path, Links links) {
    return opened(pin(path, links));
  }

  /** Opened once more by the descriptor: it is certain to be what was examined. */
  private static Optional<FileHandle> opened(Optional<PinnedHandle> found) {
    if (found.isEmpty()) {
      return Optional.empty();
    }
    try (PinnedHandle pinned = found.get()) {
      return pinned.status().type() == FileStatus.Type.REGULAR
          ? Optional.of(
              new FileHandle(
                  Descriptors.open(Path.of(pinned.path()), Descriptors.O_RDONLY), pinned.name()))
          : Optional.empty();
    }
  }

  /**
   * Whatever is at a relative path, without opening it.
   *
   * @return empty when there is nothing, or a link on the way is not allowed
   */
  public Optional<PinnedHandle> pin(String path, Links links) {
    try (Arena arena = Arena.ofConfined()) {
      return pin(arena.allocateFrom(path), path, links.bits(), 0);
    }
  }

  private Optional<PinnedHandle> pin(MemorySegment path, String shown, long resolve, int flags) {
    return openBelow(path, shown, O_PATH | flags, resolve)
        .map(opened -> new PinnedHandle(opened, below(shown)));
  }

  /** What an entry is; a link itself, never what it points at. Empty if there is none. */
  public Optional<FileStatus> status(EntryName name) {
    return FileStatus.of(said("examine", name), descriptor(), name);
  }

  /** Whether it has no entries. */
  public boolean isEmpty() {
    try (DirectoryListing listing = entries()) {
      return listing.next().isEmpty();
    }
  }

  /** Its entries from the first; only one listing of a handle may be in use. */
  DirectoryListing entries() {
    return new DirectoryListing(this);
  }

  /**
   * The directory that an entry is.
   *
   * @return empty if it is none (any more), or if another file system is mounted there
   */
  public Optional<DirectoryHandle> child(EntryName name) {
    try (Arena arena = Arena.ofConfined()) {
      return openBelow(
              name.in(arena), name.toString(), O_DIRECTORY, Links.REFUSED.bits() | NO_OTHER_MOUNT)
          .map(opened -> new DirectoryHandle(opened, below(name.toString())));
    }
  }

  /** The entry itself, a link too; empty if there is none. */
  Optional<PinnedHandle> pin(EntryName name) {
    try (Arena arena = Arena.ofConfined()) {
      return pin(name.in(arena), name.toString(), Links.REFUSED.bits(), O_NOFOLLOW);
    }
  }

  /** The regular file that an entry is; empty if it is none. */
  public Optional<FileHandle> childFile(EntryName name) {
    return opened(pin(name));
  }

  /** Makes a file of mode 0600, open for writing; empty if something has the name already. */
  Optional<FileHandle> newFile(EntryName name) {
    try (Arena arena = Arena.ofConfined()) {
      long opened =
          open(
              name.in(arena),
              Descriptors.O_WRONLY | Descriptors.O_CREAT | O_EXCL,
              0600,
              Links.REFUSED.bits());
      if (opened == -Errno.EEXIST.number()) {
        return Optional.empty();
      }
      check(said("make", name), opened);
      return Optional.of(new FileHandle((int) opened, below(name.toString())));
    }
  }

  /** Makes a directory; false if something has the name already. */
  boolean newDirectory(EntryName name, int mode) {
    try (Arena arena = Arena.ofConfined()) {
      return isNew(
          said("make", name), MKDIRAT.attempt(descriptor(), name.in(arena).address(), mode));
    }
  }

  /** Makes a link, its target given as bytes with a zero; false if something has the name. */
  boolean newLink(EntryName name, MemorySegment target) {
    try (Arena arena = Arena.ofConfined()) {
      return isNew(
          said("make", name),
          SYMLINKAT.attempt(target.address(), descriptor(), name.in(arena).address()));
    }
  }

  private static boolean isNew(String operation, long outcome) {
    if (outcome == -Errno.EEXIST.number()) {
      return false;
    }
    check(operation, outcome);
    return true;
  }

  /** Where the link points that an entry is. */
  public String link(EntryName name) {
    try (Arena arena = Arena.ofConfined()) {
      return linkTarget(name, arena).getString(0);
    }
  }

  /** The target of the link that an entry is, with a zero byte behind it. */
  MemorySegment linkTarget(EntryName name, Arena arena) {
    MemorySegment target = arena.allocate(LINK_BYTES_MAX + 1);
    READLINKAT.call(
        said("read link", name),
        descriptor(),
        name.in(arena).address(),
        target.address(),
        LINK_BYTES_MAX);
    return target;
  }

  /** Removes an entry that is no directory, or an empty directory; returns 0 or -errno. */
  long remove(EntryName name, boolean directory) {
    try (Arena arena = Arena.ofConfined()) {
      return UNLINKAT.attempt(descriptor(), name.in(arena).address(), directory ? AT_REMOVEDIR : 0);
    }
  }

  /** Moves an entry to another directory under a name that nothing there has; 0 or -errno. */
  long move(EntryName name, DirectoryHandle target, EntryName newName) {
    try (Arena arena = Arena.ofConfined()) {
      return RENAMEAT2.attempt(
          descriptor(),
          name.in(arena).address(),
          target.descriptor(),
          newName.in(arena).address(),
          RENAME_NOREPLACE);
    }
  }

  private Optional<Integer> openBelow(MemorySegment path, String shown, int flags, long resolve) {
    long opened = open(path, flags, 0, resolve);
    if (opened < 0 && NOTHING_FIT.contains(new Errno((int) -opened))) {
      return Optional.empty();
    }
    check("open " + below(shown), opened);
    return Optional.of((int) opened);
  }

  private long open(MemorySegment path, int flags, int mode, long resolve) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment how = arena.allocate(OPEN_HOW_BYTES, Long.BYTES);
      how.setAtIndex(ValueLayout.JAVA_LONG, 0, (flags | O_CLOEXEC) & 0xffffffffL);
      how.setAtIndex(ValueLayout.JAVA_LONG, 1, mode);
      how.setAtIndex(ValueLayout.JAVA_LONG, 2, resolve);
      long opened = -Errno.EAGAIN.number();
      for (int i = 0; i < ATTEMPTS_MAX && opened == -Errno.EAGAIN.number(); i++) {
        opened =
            SYSCALL.attempt(OPENAT2, descriptor(), path.address(), how.address(), OPEN_HOW_BYTES);
      }
      return opened;
    }
  }

  /** Deep in a tree the way is left out: a message must stay one that can be read. */
  private String below(String path) {
    return (name().length() > SHOWN_CHARACTERS_MAX ? "…" : name()) + "/" + path;
  }

  private String said(String verb, EntryName name) {
    return verb + " " + below(name.toString());
  }
}
