package dev.hanse.docker.image;

import dev.hanse.runtime.images.Image;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What images take on disk when layers that several of them have are counted once. A layer is known
 * by the layers up to it, since that is how it is stored.
 */
public final class LayerUsage {
  private record Layer(long bytes, int images) {}

  private final Map<List<String>, Layer> layers = new HashMap<>();

  private LayerUsage() {}

  /** Counts the layers of these images. */
  public static LayerUsage of(Stream<Image> images) {
    LayerUsage usage = new LayerUsage();
    for (Image image : (Iterable<Image>) images::iterator) {
      List<Long> sizes = sizes(image);
      for (int number = 1; number <= sizes.size(); number++) {
        usage.layers.merge(
            stack(image, number),
            new Layer(sizes.get(number - 1), 1),
            (known, one) -> new Layer(known.bytes(), known.images() + 1));
      }
    }
    return usage;
  }

  private static List<String> stack(Image image, int layers) {
    return image.layers().subList(0, layers);
  }

  /** Of each layer; none if the image's history does not tell its layers apart. */
  private static List<Long> sizes(Image image) {
    List<Long> sizes =
        image.history().stream()
            .filter(entry -> !entry.emptyLayer())
            .map(Image.HistoryEntry::sizeBytes)
            .toList();
    return sizes.size() == image.layers().size() ? sizes : List.of();
  }

  /** Bytes of all layers. */
  public long totalBytes() {
    return layers.values().stream().mapToLong(Layer::bytes).sum();
  }

  /** Bytes of an image's layers that others have too. */
  public long sharedBytes(Image image) {
    long shared = 0;
    for (int number = 1; number <= sizes(image).size(); number++) {
      Layer layer = layers.get(stack(image, number));
      shared += layer != null && layer.images() > 1 ? layer.bytes() : 0;
    }
    return shared;
  }
}
