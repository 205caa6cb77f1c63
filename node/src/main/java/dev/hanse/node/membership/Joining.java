package dev.hanse.node.membership;

import dev.hanse.agent.Agent;
import dev.hanse.docker.JoinRequest;
import dev.hanse.docker.SwarmRefusal;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.NodeIdentity;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/** How this node joins a swarm that is there: a certificate, a session, and perhaps a manager. */
final class Joining {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final long POLL_MS = 5;

  private final SwarmFiles files;
  private final Optional<String> nodeAddress;
  private final InstantSource clock;
  private final Participation participation;
  private final Agent agent;

  /**
   * For this node.
   *
   * @param nodeAddress what the daemon was told to advertise
   */
  Joining(
      SwarmFiles files,
      Optional<String> nodeAddress,
      InstantSource clock,
      Participation participation,
      Agent agent) {
    this.files = files;
    this.nodeAddress = nodeAddress;
    this.clock = clock;
    this.participation = participation;
    this.agent = agent;
  }

  /** When who joins has waited for long enough. */
  static long deadlineNanos() {
    return System.nanoTime() + LIMIT.toNanos();
  }

  /**
   * Asks the managers for a certificate until one answers.
   *
   * @return the new identity, not yet saved; empty if none has answered by the deadline
   * @throws SwarmRefusal in Docker's words; nothing is left behind
   */
  Optional<NodeIdentity> ask(JoinRequest request, long deadlineNanos) throws SwarmRefusal {
    if (request.remoteAddresses().isEmpty()) {
      throw new SwarmRefusal(
          SwarmRefusal.Kind.INVALID, "at least 1 RemoteAddr is required to join");
    }
    var unused = SwarmAddresses.of(request, nodeAddress); // Refused before anybody is asked.
    try {
      Optional<NodeIdentity> identity = Admission.enroll(request, clock);
      while (identity.isEmpty() && System.nanoTime() - deadlineNanos < 0) {
        identity = Admission.enroll(request, clock);
      }
      return identity;
    } catch (InterruptedException interrupted) {
      throw Failure.of("join the swarm", interrupted);
    }
  }

  /**
   * Begins to take part.
   *
   * @throws SwarmRefusal if it cannot; nothing is left behind
   */
  SwarmPart begin(JoinRequest request, NodeIdentity identity) throws SwarmRefusal {
    SwarmState state = SwarmAddresses.of(request, nodeAddress);
    try {
      files.begin();
      files.certificates().save(identity);
      files.save(state);
      TlsCredentials credentials = new TlsCredentials(identity, files.certificates(), clock);
      return participation.take(state, credentials, Optional.empty());
    } catch (IOException | InterruptedException fault) {
      files.eraseQuietly();
      throw Failure.of("join the swarm", fault);
    }
  }

  /**
   * Waits until the node is part of the swarm: a worker when it has a session, a manager when it
   * has the state.
   *
   * @return why the managers do not take this node in as one of them, if they do not
   * @throws SwarmRefusal if it takes too long; the node goes on trying
   */
  Optional<SwarmRefusal> await(SwarmPart joining, long deadlineNanos) throws SwarmRefusal {
    try {
      while (!agent.isConnected() || (joining.isManager() && joining.manager().isEmpty())) {
        if (joining.seat().first().isCompletedExceptionally()) {
          return Optional.of(declined(joining.seat().first().exceptionNow()));
        }
        if (System.nanoTime() - deadlineNanos > 0) {
          throw timeout();
        }
        Thread.sleep(POLL_MS);
      }
      return Optional.empty();
    } catch (InterruptedException interrupted) {
      throw Failure.of("wait for the first session", interrupted);
    }
  }

  /** Docker's words for a wait that is over while the attempt goes on. */
  static SwarmRefusal timeout() {
    return new SwarmRefusal(
        SwarmRefusal.Kind.UNAVAILABLE,
        "Timeout was reached before node joined. The attempt to join the swarm will continue in the"
            + " background. Use the \"docker info\" command to see the current swarm status of"
            + " your node.");
  }

  private static SwarmRefusal declined(Throwable reason) {
    return new SwarmRefusal(
        SwarmRefusal.Kind.INTERNAL,
        "manager stopped: can't initialize raft node: " + reason.getMessage(),
        reason);
  }
}
