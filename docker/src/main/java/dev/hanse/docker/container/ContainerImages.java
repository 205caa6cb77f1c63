package dev.hanse.docker.container;

import dev.hanse.agent.task.ContainerPlace;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.content.ImageConfig;
import dev.hanse.runtime.images.Images;
import java.util.Optional;

/** What containers have from their images. */
final class ContainerImages {
  private final Images images;

  ContainerImages(Images images) {
    this.images = images;
  }

  /** A container with what its image says. Costs no call in the usual case. */
  Inspected inspected(NodeContainer container) {
    return inspected(container, Optional.empty());
  }

  /** Likewise, with where it lives. */
  Inspected inspected(NodeContainer container, Optional<ContainerPlace> place) {
    return new Inspected(container, config(container), place);
  }

  /** Empty when the image was removed. */
  private Optional<ImageConfig> config(NodeContainer container) {
    try {
      return Optional.of(images.rootfs(container.state().imageId()).config());
    } catch (RuntimeFault fault) {
      if (fault.kind() == RuntimeFault.Kind.NO_SUCH_IMAGE) {
        return Optional.empty();
      }
      throw fault;
    }
  }
}
