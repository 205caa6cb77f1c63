package dev.hanse.runtime.images;

/** What a removal did, in Docker's order and words. */
public sealed interface RemovedImage {
  /** A name that no longer points to the image. */
  record Untagged(String reference) implements RemovedImage {}

  /** An image (or layer chain) that is gone. */
  record Deleted(String id) implements RemovedImage {}
}
