package dev.hanse.kernel.file;

import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import java.util.Optional;

/**
 * Removes a tree. One that is deeper than the descriptors of a walk reach is cut: the rest is moved
 * to the top and comes next.
 */
final class TreeRemoval {
  private static final int DEPTH_MAX = 64;

  /**
   * How many further looks at directories that were not empty after the first. Cuts need some; who
   * makes files as fast as we remove them must not keep us for ever.
   */
  private static final int FURTHER_LOOKS_MAX = 100_000;

  private static final String CUT = ".hanse-removal-";

  private final DirectoryHandle parent;
  private final EntryName root;
  private long cuts;
  private int furtherLooks;

  private TreeRemoval(DirectoryHandle parent, EntryName root) {
    this.parent = parent;
    this.root = root;
  }

  static void remove(DirectoryHandle parent, EntryName name) {
    TreeRemoval removal = new TreeRemoval(parent, name);
    while (!removal.removeEntry(parent, name, Optional.empty(), 0)) {
      removal.lookAgain();
    }
  }

  /**
   * Removes an entry with all that it holds.
   *
   * @param top where too deep trees go; empty for the root itself
   * @return whether it is gone
   */
  private boolean removeEntry(
      DirectoryHandle directory, EntryName name, Optional<DirectoryHandle> top, int depth) {
    if (removed(directory, name, false)) {
      return true;
    }
    if (depth == DEPTH_MAX && top.isPresent()) {
      return cut(directory, name, top.get());
    }
    try (Closing<DirectoryHandle> child = new Closing<>(directory.child(name))) {
      boolean changed = child.held().isPresent();
      while (changed) {
        changed = clear(child.held().get(), top.or(child::held), depth + 1);
        if (removed(directory, name, true)) {
          return true;
        }
        lookAgain();
      }
    }
    return removed(directory, name, true);
  }

  /** Removes the entries of a directory; says whether there were any that are gone now. */
  private boolean clear(DirectoryHandle directory, Optional<DirectoryHandle> top, int depth) {
    boolean changed = false;
    try (DirectoryListing listing = directory.entries()) {
      Optional<EntryName> entry = listing.next();
      while (entry.isPresent()) {
        changed |= removeEntry(directory, entry.get(), top, depth);
        entry = listing.next();
      }
    }
    return changed;
  }

  private void lookAgain() {
    if (++furtherLooks > FURTHER_LOOKS_MAX) {
      throw new KernelException(
          "remove " + parent + "/" + root, Errno.ENOTEMPTY, "somebody goes on filling it");
    }
  }

  private boolean cut(DirectoryHandle directory, EntryName name, DirectoryHandle top) {
    long outcome = -Errno.EEXIST.number();
    while (outcome == -Errno.EEXIST.number()) {
      outcome = directory.move(name, top, EntryName.of(CUT + cuts++));
    }
    Handle.isThere("remove " + directory + "/" + name, outcome);
    return true;
  }

  /**
   * Removes one entry.
   *
   * @return whether it is gone; if not it is the other kind of entry, or has entries (again)
   */
  private static boolean removed(DirectoryHandle parent, EntryName name, boolean directory) {
    long outcome = parent.remove(name, directory);
    boolean other =
        directory
            ? outcome == -Errno.ENOTDIR.number() || outcome == -Errno.ENOTEMPTY.number()
            : outcome == -Errno.EISDIR.number();
    if (!other) {
      Handle.isThere("remove " + parent + "/" + name, outcome);
    }
    return !other;
  }
}
