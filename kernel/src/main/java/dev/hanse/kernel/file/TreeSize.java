package dev.hanse.kernel.file;

import java.util.Optional;

/** Adds up the sizes of files. */
final class TreeSize {
  private TreeSize() {}

  static long of(DirectoryHandle directory, int depth) {
    long total = 0;
    try (DirectoryListing listing = directory.entries()) {
      Optional<EntryName> entry = listing.next();
      while (entry.isPresent()) {
        total = sum(total, ofEntry(directory, entry.get(), depth));
        entry = listing.next();
      }
    }
    return total;
  }

  private static long ofEntry(DirectoryHandle directory, EntryName name, int depth) {
    Optional<FileStatus> status = directory.status(name);
    if (status.isEmpty()) {
      return 0;
    }
    if (status.get().type() != FileStatus.Type.DIRECTORY) {
      return status.get().size();
    }
    if (depth == FileTree.DEPTH_MAX) {
      return 0;
    }
    try (Closing<DirectoryHandle> child = new Closing<>(directory.child(name))) {
      return child.held().map(found -> of(found, depth + 1)).orElse(0L);
    }
  }

  /** Sparse files can be 8 EiB large each. */
  private static long sum(long one, long other) {
    long total = one + other;
    return total < 0 ? Long.MAX_VALUE : total;
  }
}
