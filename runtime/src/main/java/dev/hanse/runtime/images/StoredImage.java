package dev.hanse.runtime.images;

import java.util.List;

/**
 * What never changes about a manifest in the content store.
 *
 * @param chainIds names of its layer stacks, the last is its whole file system
 */
record StoredImage(
    String manifestDigest,
    long manifestBytes,
    Manifest manifest,
    ConfigDocument document,
    List<String> chainIds) {

  /** A descriptor with its two texts. */
  private static final long BLOB_BYTES = 300;

  String id() {
    return manifest.config().digest();
  }

  /** What it takes of the heap, bytes. */
  long heapBytes() {
    return HeapBytes.of(chainIds)
        + (long) manifest.layers().size() * BLOB_BYTES
        + document.heapBytes();
  }

  /** The snapshot that is the image's file system; empty for an image without layers. */
  String topChainId() {
    return chainIds.isEmpty() ? "" : chainIds.getLast();
  }
}
