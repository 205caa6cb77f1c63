package dev.hanse.runtime.images;

import dev.hanse.runtime.content.ImageConfig;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One image of this node.
 *
 * @param id digest of the configuration, {@code sha256:…}, as Docker's image id
 * @param tags familiar names with tag, {@code busybox:latest}; empty for a dangling image
 * @param digests familiar names with digest under which it was pulled, {@code busybox@sha256:…}
 * @param manifestDigest digest of the platform's manifest
 * @param created when it was built, if the image says
 * @param stored when it came to this node
 * @param sizeBytes bytes on disk of all its unpacked layers
 * @param operatingSystem {@code linux}
 * @param architecture {@code amd64}, …
 * @param variant {@code v8}, …; empty if none
 * @param author as the image says, may be empty
 * @param comment comment of the newest history entry, may be empty
 * @param config defaults of its containers
 * @param layers digests of the uncompressed layers, lowest first
 * @param history how it was built, oldest first
 */
public record Image(
    String id,
    List<String> tags,
    List<String> digests,
    String manifestDigest,
    Optional<Instant> created,
    Instant stored,
    long sizeBytes,
    String operatingSystem,
    String architecture,
    String variant,
    String author,
    String comment,
    ImageConfig config,
    List<String> layers,
    List<HistoryEntry> history) {

  public Image {
    tags = List.copyOf(tags);
    digests = List.copyOf(digests);
    layers = List.copyOf(layers);
    history = List.copyOf(history);
  }

  /**
   * One step of the image's build.
   *
   * @param sizeBytes bytes of its layer, 0 if the step made none
   */
  public record HistoryEntry(
      Optional<Instant> created,
      String createdBy,
      String comment,
      boolean emptyLayer,
      long sizeBytes) {}
}
