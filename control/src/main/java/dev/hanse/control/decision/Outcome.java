package dev.hanse.control.decision;

import com.google.protobuf.Message;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Transaction;
import java.util.Optional;
import java.util.function.Function;

/** How the decisions of this package end: the words they share. */
final class Outcome {
  private Outcome() {}

  static Decision accepted(Transaction transaction) {
    return new Decision.Accepted(transaction.changes(), Optional.empty());
  }

  static Decision accepted(Transaction transaction, Message result) {
    return new Decision.Accepted(transaction.changes(), Optional.of(result));
  }

  static Decision refused(Rejection rejection) {
    return new Decision.Refused(rejection);
  }

  static Optional<Rejection> invalid(String message) {
    return Optional.of(new Rejection.Invalid(message));
  }

  static Optional<Rejection> precondition(String message) {
    return Optional.of(new Rejection.FailedPrecondition(message));
  }

  /** Looks an object up and goes on with it; unknown ids end in "KIND ID not found". */
  static <T extends Message> Decision found(
      Snapshot snapshot, Kind<T> kind, String id, Function<T, Decision> decide) {
    if (id.isEmpty()) {
      return refused(new Rejection.Invalid("invalid argument"));
    }
    Optional<T> object = snapshot.find(kind, id);
    return object
        .map(decide)
        .orElseGet(() -> refused(new Rejection.NotFound(kind + " " + id + " not found")));
  }

  /** Refuses an update whose author has not seen the present version. */
  static <T extends Message> Optional<Rejection> stale(Kind<T> kind, T object, long version) {
    return kind.meta(object).getVersion().getIndex() == version
        ? Optional.empty()
        : precondition("update out of sequence");
  }
}
