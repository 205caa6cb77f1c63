package dev.hanse.kernel.file;

import dev.hanse.kernel.Descriptors;
import java.nio.file.Path;

/**
 * A file of any kind that is held without having been opened (O_PATH): no device or FIFO notices.
 * What it is for: {@link Mounts#show}, {@link MountHandle}.
 */
public final class PinnedHandle extends Handle {
  private static final int O_PATH = 0x200000;

  /** What is at a path of the host, links followed: nobody but the host may lead the way astray. */
  public static PinnedHandle of(Path path) {
    return new PinnedHandle(Descriptors.open(path, O_PATH), path.toString());
  }

  PinnedHandle(int descriptor, String name) {
    super(descriptor, name);
  }
}
