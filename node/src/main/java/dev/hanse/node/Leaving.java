package dev.hanse.node;

import dev.hanse.control.Rejection;
import dev.hanse.control.command.Departure;
import dev.hanse.docker.SwarmRefusal;
import dev.hanse.manager.Manager;
import java.util.Optional;

/** What a manager does for the others before it leaves its swarm. */
final class Leaving {
  private Leaving() {}

  /**
   * A manager leaves only by force.
   *
   * @throws SwarmRefusal with Docker's warning, which says what the departure would cost
   */
  static void check(SwarmPart part) throws SwarmRefusal {
    if (!part.isManager()) {
      return;
    }
    Optional<Manager> writing = part.manager();
    Optional<String> warning =
        writing.isEmpty()
            ? Optional.of(Departure.unknownConsequence())
            : Departure.check(writing.get().snapshot(), part.identity().nodeId(), false)
                .map(Rejection::message);
    if (warning.isPresent()) {
      throw new SwarmRefusal(SwarmRefusal.Kind.UNAVAILABLE, warning.get());
    }
  }
}
