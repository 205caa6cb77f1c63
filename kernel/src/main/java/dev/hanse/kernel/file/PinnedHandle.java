package dev.hanse.kernel.file;

/**
 * A file of any kind that is held without having been opened (O_PATH): no device or FIFO notices.
 * What it is for: {@link Mounts#show}.
 */
public final class PinnedHandle extends Handle {
  PinnedHandle(int descriptor, String name) {
    super(descriptor, name);
  }
}
