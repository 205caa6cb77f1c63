package dev.hanse.node.snapshot;

import java.io.IOException;

/** A snapshot file cannot be used; the message says why, for the user. */
final class SnapshotFault extends IOException {
  /** What is wrong. */
  enum Kind {
    /** Another sort of file. */
    NOT_A_SNAPSHOT,
    /** Made by a later version of this program. */
    UNKNOWN_VERSION,
    /** It ends too early. */
    TRUNCATED,
    /** Its bytes have changed by accident: a checksum is wrong, or something follows the end. */
    DAMAGED,
    /** A field has a value that no snapshot has. */
    BEYOND_LIMITS,
    /** A passphrase was given for a file with a key file, or the other way round. */
    OTHER_KIND_OF_KEY,
    /** Not the key that it was saved with. */
    WRONG_KEY,
    /** Changed on purpose: the checksums are right, the authentication is not. */
    TAMPERED
  }

  private final Kind kind;

  SnapshotFault(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }
}
