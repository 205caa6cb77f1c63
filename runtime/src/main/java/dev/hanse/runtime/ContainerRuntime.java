package dev.hanse.runtime;

import dev.hanse.runtime.containers.Containers;
import dev.hanse.runtime.images.Images;

/**
 * The node's door to containerd. Open one per daemon; all parts may be used from many (virtual)
 * threads at once.
 */
@SuppressWarnings({"DoNotCallSuggester", "UnusedMethod"})
public final class ContainerRuntime implements AutoCloseable {
  private final Images images;
  private final Containers containers;

  private ContainerRuntime(Images images, Containers containers) {
    this.images = images;
    this.containers = containers;
  }

  /**
   * Connects to the host's containerd, else starts (or finds again) a private one, and watches it.
   *
   * @throws RuntimeFault NOT_INSTALLED with a hint, or UNAVAILABLE when it does not come up
   */
  public static ContainerRuntime open(RuntimeSettings settings) {
    throw new UnsupportedOperationException(settings.toString());
  }

  /** The images of this node. */
  public Images images() {
    return images;
  }

  /** The containers of this node. */
  public Containers containers() {
    return containers;
  }

  /** Version of the containerd in use, for example {@code 1.6.20}. */
  public String containerdVersion() {
    throw new UnsupportedOperationException();
  }

  /** Version of runc, for example {@code 1.1.5}. */
  public String runcVersion() {
    throw new UnsupportedOperationException();
  }

  /** Disconnects. Containers, and a private containerd, go on running. */
  @Override
  public void close() {}
}
