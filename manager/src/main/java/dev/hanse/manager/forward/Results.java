package dev.hanse.manager.forward;

import io.grpc.Metadata;
import java.util.Optional;

/** How the outcome of a command travels back. */
final class Results {
  /**
   * On each answer that is a decision: the index up to which the leader's state holds what was
   * written, 0 if nothing was. Without it a failure says nothing of whether the command was
   * decided.
   */
  static final Metadata.Key<String> INDEX =
      Metadata.Key.of("hanse-log-index", Metadata.ASCII_STRING_MARSHALLER);

  private Results() {}

  static Metadata trailers(long index) {
    Metadata trailers = new Metadata();
    trailers.put(INDEX, Long.toString(index));
    return trailers;
  }

  /** The index; empty if the answer is no decision. */
  static Optional<Long> index(Metadata trailers) {
    String text = trailers.get(INDEX);
    try {
      return text == null ? Optional.empty() : Optional.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
