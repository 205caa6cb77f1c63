package dev.hanse.runtime.images;

import dev.hanse.runtime.content.HeapBytes;
import dev.hanse.runtime.content.ImageConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What is needed to start containers of an image, remembered after the first.
 *
 * @param imageId the image
 * @param config its defaults
 * @param chainId snapshot that is the image's file system, empty if it has no layers
 * @param passwd its /etc/passwd, if it has one
 * @param group its /etc/group, if it has one
 * @param layers directories that its file system is made of, the uppermost first
 */
public record ImageRootfs(
    String imageId,
    ImageConfig config,
    String chainId,
    Optional<String> passwd,
    Optional<String> group,
    List<Path> layers) {
  /** A path. */
  private static final long LAYER_BYTES = 400;

  /** Copies. */
  public ImageRootfs {
    layers = List.copyOf(layers);
  }

  /** What it takes of the heap, bytes. */
  long heapBytes() {
    return HeapBytes.of(List.of(imageId, chainId, passwd.orElse(""), group.orElse("")))
        + config.heapBytes()
        + layers.size() * LAYER_BYTES;
  }

  /**
   * Where an absolute path leads in the image when its links are followed.
   *
   * @param covered paths at which something else will be seen than the image's files: what lies
   *     below them stays as it is
   * @throws dev.hanse.runtime.RuntimeFault INVALID when there are too many links
   */
  public Path resolved(Path path, Predicate<Path> covered) {
    return new RootfsReader(layers).resolved(path, covered);
  }
}
