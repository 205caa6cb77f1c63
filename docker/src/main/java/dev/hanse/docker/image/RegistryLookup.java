package dev.hanse.docker.image;

import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.content.Reference;
import dev.hanse.runtime.content.RemoteImage;
import dev.hanse.runtime.images.Image;
import dev.hanse.runtime.images.Images;
import dev.hanse.runtime.registry.RegistryCredentials;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What an image's name stands for, for those who make services of it. The registry knows best, but
 * who makes a service must not wait long for one that cannot be reached: then what is on this node
 * answers, and for a while the registry is not asked again. What it refuses at once costs nothing
 * and is asked for each time.
 */
final class RegistryLookup {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** When this node has the image. */
  private static final Duration PATIENCE_IF_PRESENT = Duration.ofSeconds(1);

  private static final String MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
  private static final String INDEX = "application/vnd.docker.distribution.manifest.list.v2+json";

  private final Images images;
  private final SilentRegistries silent = new SilentRegistries();

  RegistryLookup(Images images) {
    this.images = images;
  }

  /**
   * Looks an image up.
   *
   * @throws RuntimeFault as the registry's answer, if this node does not have the image by digest
   */
  RemoteImage find(Reference reference, Optional<RegistryCredentials> credentials)
      throws InterruptedException {
    Optional<RemoteImage> present =
        images.find(reference.familiar()).flatMap(image -> described(image, reference));
    if (present.isPresent() && reference.digest().isPresent()) {
      return present.get();
    }
    try {
      Duration patience = present.isPresent() ? PATIENCE_IF_PRESENT : PATIENCE;
      return ask(reference, credentials, patience);
    } catch (RuntimeFault fault) {
      if (fault.kind() != RuntimeFault.Kind.REGISTRY_UNREACHABLE) {
        throw fault;
      }
      return present.orElseThrow(() -> fault);
    }
  }

  private RemoteImage ask(
      Reference reference, Optional<RegistryCredentials> credentials, Duration patience)
      throws InterruptedException {
    String registry = reference.domain();
    if (silent.isSilent(registry, reference.repository(), Instant.now())) {
      throw unreachable(registry, "it could not be reached a moment ago");
    }
    CompletableFuture<RemoteImage> answer = new CompletableFuture<>();
    Thread asking =
        Thread.ofVirtual()
            .name("registry-lookup")
            .start(
                () -> {
                  try {
                    answer.complete(images.remote(reference, credentials));
                  } catch (RuntimeException fault) {
                    answer.completeExceptionally(fault);
                  }
                });
    Instant asked = Instant.now();
    try {
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException tooSlow) {
      asking.interrupt();
      silent.remember(registry, reference.repository(), Instant.now());
      throw unreachable(registry, "no answer within " + patience.toSeconds() + " s");
    } catch (ExecutionException failure) {
      if (!(failure.getCause() instanceof RuntimeFault fault)) {
        throw new IllegalStateException("asking " + registry, failure.getCause());
      }
      boolean slow = Duration.between(asked, Instant.now()).compareTo(PATIENCE_IF_PRESENT) >= 0;
      if (slow && fault.kind() == RuntimeFault.Kind.REGISTRY_UNREACHABLE) {
        silent.remember(registry, reference.repository(), Instant.now());
      }
      throw fault;
    }
  }

  private static RuntimeFault unreachable(String registry, String why) {
    return new RuntimeFault(
        RuntimeFault.Kind.REGISTRY_UNREACHABLE, "registry " + registry + ": " + why);
  }

  /** From what this node has; empty for an image that came from no registry. */
  private static Optional<RemoteImage> described(Image image, Reference reference) {
    String prefix = reference.familiarName() + "@";
    return image.digests().stream()
        .filter(name -> name.startsWith(prefix))
        .map(name -> name.substring(prefix.length()))
        .filter(digest -> reference.digest().map(digest::equals).orElse(true))
        .findFirst()
        .map(digest -> described(image, digest));
  }

  /** Of an index, the other platforms are not known here. */
  private static RemoteImage described(Image image, String digest) {
    boolean manifest = digest.equals(image.manifestDigest());
    RemoteImage.ImagePlatform platform =
        new RemoteImage.ImagePlatform(
            image.operatingSystem(), image.architecture(), image.variant());
    return new RemoteImage(
        digest, manifest ? MANIFEST : INDEX, 0, manifest ? List.of(platform) : List.of());
  }
}
