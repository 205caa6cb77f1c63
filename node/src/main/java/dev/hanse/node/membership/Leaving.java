package dev.hanse.node.membership;

import dev.hanse.control.Rejection;
import dev.hanse.control.members.Departure;
import dev.hanse.docker.SwarmRefusal;
import dev.hanse.manager.Manager;
import dev.hanse.manager.members.MembershipException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a manager does for the others before it leaves its swarm. */
final class Leaving {
  private static final Logger LOG = LoggerFactory.getLogger(Leaving.class);

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
    Optional<Manager> writing = part.manager().filter(manager -> manager.leader().isPresent());
    Optional<String> warning =
        writing.isEmpty()
            ? Optional.of(Departure.unknownConsequence())
            : Departure.check(writing.get().snapshot(), part.identity().nodeId(), false)
                .map(Rejection::message);
    if (warning.isPresent()) {
      throw new SwarmRefusal(SwarmRefusal.Kind.UNAVAILABLE, warning.get());
    }
  }

  /**
   * Lets the other managers take this one out, so that they do not count on it any longer. If they
   * cannot, or it takes too long, the node leaves all the same.
   */
  static void resign(SwarmPart part, Duration limit) {
    Optional<Manager> manager = part.manager();
    if (manager.isEmpty()) {
      return;
    }
    try {
      manager.get().resign(limit);
    } catch (MembershipException refused) {
      LOG.warn("leaving without the other managers' consent: {}", refused.getMessage());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
