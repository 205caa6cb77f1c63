package dev.hanse.agent.task;

import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.content.ImageProgress;
import dev.hanse.runtime.content.Reference;
import dev.hanse.runtime.images.Image;
import dev.hanse.runtime.images.Images;
import dev.hanse.runtime.registry.RegistryCredentials;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets images for tasks. An image that is on the node is used without asking its registry (Docker
 * asks each time, which makes every start depend on the registry); of several tasks that miss the
 * same image one pulls and the others wait.
 */
final class ImageSupply {
  private static final Logger LOG = LoggerFactory.getLogger(ImageSupply.class);

  private final Images images;
  private final ConcurrentMap<String, ReentrantLock> pulls = new ConcurrentHashMap<>();

  ImageSupply(Images images) {
    this.images = images;
  }

  /**
   * The image of a name.
   *
   * @param registryAuth as given with the service, maybe empty
   * @throws StepException when it is neither here nor to be had
   */
  Image supply(String name, String registryAuth) throws StepException, InterruptedException {
    if (name.isEmpty()) {
      throw new StepException("dockerexec: image required");
    }
    Optional<Image> present = images.find(name);
    if (present.isPresent()) {
      return present.get();
    }
    ReentrantLock lock = pulls.computeIfAbsent(name, key -> new ReentrantLock());
    lock.lockInterruptibly();
    try {
      Optional<Image> meanwhile = images.find(name);
      return meanwhile.isPresent() ? meanwhile.get() : pull(name, registryAuth);
    } finally {
      lock.unlock();
      pulls.remove(name, lock);
    }
  }

  Optional<Image> find(String nameOrId) {
    return images.find(nameOrId);
  }

  private Image pull(String name, String registryAuth) throws StepException {
    try {
      LOG.info("pulling {}", name);
      Reference reference = Reference.parse(name);
      return images.pull(
          reference, RegistryCredentials.parse(registryAuth), ImageProgress.Listener.NONE);
    } catch (RuntimeFault fault) {
      if (fault.kind() == RuntimeFault.Kind.UNAVAILABLE) {
        throw fault;
      }
      throw new StepException("No such image: " + name + ": " + fault.getMessage());
    }
  }
}
