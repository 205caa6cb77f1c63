package dev.hanse.control.decision;

import com.google.protobuf.Message;
import dev.hanse.control.Rejection;
import dev.hanse.model.Annotations;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.text.Form;
import java.util.Optional;

/** The rules for names. */
final class Names {
  /** A DNS label's length, in characters. */
  static final int LENGTH_MAX = 63;

  /** Secrets' and configs' names, in characters. */
  static final int SECRET_LENGTH_MAX = 64;

  /** Up to here a name is told what is wrong with it before that it is too long. */
  private static final int TOLD_LENGTH_MAX = 1_024;

  private static final Form DNS_LABEL =
      Form.of("[a-zA-Z0-9](?:[-_a-zA-Z0-9]*[a-zA-Z0-9])?", TOLD_LENGTH_MAX);
  private static final Form SECRET =
      Form.of("[a-zA-Z0-9](?:[-_.a-zA-Z0-9]*[a-zA-Z0-9])?", SECRET_LENGTH_MAX);

  private Names() {}

  static Optional<Rejection> check(Annotations annotations) {
    String name = annotations.getName();
    if (name.isEmpty()) {
      return Outcome.invalid("meta: name must be provided");
    }
    if (!DNS_LABEL.fits(name)) {
      return Outcome.invalid("name must be valid as a DNS name component");
    }
    if (name.length() > LENGTH_MAX) {
      return Outcome.invalid("name must be 63 characters or fewer");
    }
    return Optional.empty();
  }

  static Optional<Rejection> checkSecret(Annotations annotations) {
    String name = annotations.getName();
    if (name.isEmpty()) {
      return Outcome.invalid("name must be provided");
    }
    if (!SECRET.fits(name)) {
      return Outcome.invalid(
          "invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character"
              + " must be [a-zA-Z0-9]");
    }
    return Optional.empty();
  }

  static <T extends Message> boolean taken(Snapshot snapshot, Kind<T> kind, String name) {
    return !snapshot.findAllByName(kind, name).isEmpty();
  }
}
