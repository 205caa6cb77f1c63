package dev.hanse.kernel.file;

import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import java.lang.foreign.Arena;
import java.util.Optional;

/** Copies what is in a directory to another, in which others may be at work. */
final class TreeCopy {
  private TreeCopy() {}

  static void content(DirectoryHandle source, DirectoryHandle target, int depth) {
    if (depth > FileTree.DEPTH_MAX) {
      throw new KernelException(
          "copy " + source, Errno.ELOOP, "more than " + FileTree.DEPTH_MAX + " directories deep");
    }
    try (DirectoryListing listing = source.entries()) {
      Optional<EntryName> entry = listing.next();
      while (entry.isPresent()) {
        copy(source, target, entry.get(), depth);
        entry = listing.next();
      }
    }
    // Last: only now its time stays.
    FileAttributes.copy(source, target);
  }

  private static void copy(
      DirectoryHandle source, DirectoryHandle target, EntryName name, int depth) {
    Optional<FileStatus> status = source.status(name);
    if (status.isEmpty()) {
      return;
    }
    switch (status.get().type()) {
      case DIRECTORY -> directory(source, target, name, depth);
      case REGULAR -> file(source, target, name);
      case LINK -> link(source, target, name, status.get());
      case CHARACTER_DEVICE, OTHER -> {}
    }
  }

  private static void directory(
      DirectoryHandle source, DirectoryHandle target, EntryName name, int depth) {
    target.newDirectory(name, 0700);
    try (Closing<DirectoryHandle> from = new Closing<>(source.child(name));
        Closing<DirectoryHandle> to = new Closing<>(target.child(name))) {
      if (from.held().isPresent() && to.held().isPresent()) {
        content(from.held().get(), to.held().get(), depth + 1);
      }
    }
  }

  private static void file(DirectoryHandle source, DirectoryHandle target, EntryName name) {
    try (Closing<FileHandle> from = new Closing<>(source.childFile(name))) {
      if (from.held().isEmpty()) {
        return;
      }
      try (Closing<FileHandle> to = new Closing<>(target.newFile(name))) {
        if (to.held().isPresent()) {
          from.held().get().copyTo(to.held().get());
          FileAttributes.copy(from.held().get(), to.held().get());
        }
      }
    }
  }

  private static void link(
      DirectoryHandle source, DirectoryHandle target, EntryName name, FileStatus status) {
    try (Arena arena = Arena.ofConfined()) {
      if (!target.newLink(name, source.linkTarget(name, arena))) {
        return;
      }
    }
    // Somebody may have put another file there: only a link is given away.
    try (Closing<PinnedHandle> made = new Closing<>(target.pin(name))) {
      made.held()
          .filter(found -> found.status().type() == FileStatus.Type.LINK)
          .ifPresent(found -> FileAttributes.linkOwner(status, found));
    }
  }
}
