package dev.hanse.kernel.netlink;

/**
 * One wanted alteration, to be given to {@link Netlink#apply}. Made by the classes named in the
 * package.
 */
public final class Change {
  /** Writes the messages of a change. */
  @FunctionalInterface
  interface Encoder {
    void encode(Change change, Requests requests);
  }

  private final String operation;
  private final Encoder encoder;

  Change(String operation, Encoder encoder) {
    this.operation = operation;
    this.encoder = encoder;
  }

  /** What it does, for messages: {@code add link br0}. */
  public String operation() {
    return operation;
  }

  void encode(Requests requests) {
    encoder.encode(this, requests);
  }

  @Override
  public String toString() {
    return operation;
  }
}
