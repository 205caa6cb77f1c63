package dev.hanse.runtime.content;

import java.util.List;

/**
 * What a registry says of a name, without its layers.
 *
 * @param digest of what the name points to, an index or a manifest
 * @param mediaType of that document
 * @param sizeBytes of that document
 * @param platforms for which there is an image; empty if it does not say
 */
public record RemoteImage(
    String digest, String mediaType, long sizeBytes, List<ImagePlatform> platforms) {
  /** Copies the list. */
  public RemoteImage {
    platforms = List.copyOf(platforms);
  }

  /** A kind of machine in Docker's names; the variant may be empty. */
  public record ImagePlatform(String operatingSystem, String architecture, String variant) {}
}
