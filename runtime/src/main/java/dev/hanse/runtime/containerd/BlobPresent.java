package dev.hanse.runtime.containerd;

/** The blob that was to be written is in the store already. */
public final class BlobPresent extends Exception {
  private static final long serialVersionUID = 1;

  BlobPresent(String digest) {
    super(digest);
  }
}
