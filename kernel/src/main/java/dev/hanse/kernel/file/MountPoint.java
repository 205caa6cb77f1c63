package dev.hanse.kernel.file;

import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import java.util.Optional;

/**
 * The place of a mount below a directory in which somebody else may rename and link files
 * meanwhile. What is missing is made, and neither found nor made is anything outside of the
 * directory.
 */
public final class MountPoint {
  private static final int DIRECTORY_MODE = 0755;

  private MountPoint() {}

  /**
   * Finds or makes it. Links are followed within the directory.
   *
   * @param path relative; {@code .} is the directory itself
   * @param directory whether a directory is made if nothing is there, or else an empty file
   * @throws KernelException ENOTDIR when a link leads out of the directory, or to nothing
   */
  public static PinnedHandle below(DirectoryHandle root, String path, boolean directory) {
    Optional<PinnedHandle> present = root.pin(path, Links.BENEATH);
    if (present.isPresent()) {
      return present.get();
    }
    int slash = path.lastIndexOf('/');
    if (slash < 0) {
      return made(root, path, directory);
    }
    try (PinnedHandle above = below(root, path.substring(0, slash), true);
        DirectoryHandle parent = DirectoryHandle.of(above)) {
      return made(parent, path.substring(slash + 1), directory);
    }
  }

  private static PinnedHandle made(DirectoryHandle parent, String last, boolean directory) {
    EntryName name = EntryName.of(last);
    if (directory) {
      // It may be there: somebody was quicker, or it is a link.
      parent.newDirectory(name, DIRECTORY_MODE);
    } else {
      parent.newFile(name).ifPresent(Handle::close);
    }
    return parent
        .pin(last, Links.REFUSED)
        .orElseThrow(
            () ->
                new KernelException(
                    "make mount point " + last,
                    Errno.ENOTDIR,
                    "or a link that leads out of the mount or to nothing"));
  }
}
