package dev.hanse.control;

import com.google.protobuf.Message;
import dev.hanse.store.Changes;
import java.util.Optional;

/** The outcome of a command. */
public sealed interface Decision {
  /**
   * To be committed.
   *
   * @param changes what changes; may be none
   * @param result the object that the command made or changed, before its version is known
   */
  record Accepted(Changes changes, Optional<Message> result) implements Decision {}

  /** Nothing changes. */
  record Refused(Rejection rejection) implements Decision {}
}
