package dev.hanse.runtime.content;

import java.util.List;

/**
 * What never changes about a manifest in the content store.
 *
 * @param chainIds names of its layer stacks, the last is its whole file system
 */
public record StoredImage(
    String manifestDigest,
    long manifestBytes,
    Manifest manifest,
    ConfigDocument document,
    List<String> chainIds) {

  /** A descriptor with its two texts. */
  private static final long BLOB_BYTES = 300;

  /** The image's id: its configuration's digest. */
  public String id() {
    return manifest.config().digest();
  }

  /** What it takes of the heap, bytes. */
  public long heapBytes() {
    return HeapBytes.of(chainIds)
        + (long) manifest.layers().size() * BLOB_BYTES
        + document.heapBytes();
  }

  /** The snapshot that is the image's file system; empty for an image without layers. */
  public String topChainId() {
    return chainIds.isEmpty() ? "" : chainIds.getLast();
  }
}
