package dev.hanse.node.membership;

import dev.hanse.docker.LocalState;
import java.util.List;
import java.util.Optional;

/** Where this node stands towards swarms: one value at a time, read by whoever asks. */
sealed interface Standing {
  /** What is said of a locked manager, in Docker's words. */
  String LOCKED =
      "Swarm is encrypted and needs to be unlocked before it can be used. Please use \"docker swarm"
          + " unlock\" to unlock it.";

  /** In no swarm. */
  record Outside() implements Standing {}

  /** A manager whose files wait for the swarm's unlock key. */
  record Locked() implements Standing {}

  /**
   * A member that cannot take part.
   *
   * @param error why not
   */
  record Failed(String error) implements Standing {}

  /**
   * About to join: no manager has answered yet.
   *
   * @param seeker goes on asking
   */
  record Seeking(Seeker seeker) implements Standing {}

  /** A member that takes part. */
  record Taken(SwarmPart part) implements Standing {}

  /** The part that it takes, if any. */
  default Optional<SwarmPart> present() {
    return this instanceof Taken(SwarmPart part) ? Optional.of(part) : Optional.empty();
  }

  /** Why the node takes no part in its swarm, though it is in one and nobody works at it. */
  default Optional<String> fault() {
    return switch (this) {
      case Outside _, Seeking _, Taken _ -> Optional.empty();
      case Locked _ -> Optional.of("locked: unlock it with \"docker swarm unlock\"");
      case Failed(String error) -> Optional.of(error);
    };
  }

  /**
   * The same for the API.
   *
   * @param connected is there a session with a manager?
   */
  default LocalState state(boolean connected) {
    return switch (this) {
      case Outside _ -> LocalState.inactive();
      case Locked _ -> new LocalState(LocalState.Status.LOCKED, "", "", true, LOCKED, List.of());
      case Seeking _ -> new LocalState(LocalState.Status.PENDING, "", "", false, "", List.of());
      case Failed(String error) ->
          new LocalState(LocalState.Status.ERROR, "", "", false, error, List.of());
      case Taken(SwarmPart part) -> part.state(connected);
    };
  }
}
