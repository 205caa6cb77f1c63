package dev.hanse.node;

import dev.hanse.agent.Agent;
import dev.hanse.docker.JoinRequest;
import dev.hanse.docker.SwarmRefusal;
import dev.hanse.identity.NodeIdentity;
import dev.hanse.identity.TlsCredentials;
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

  /**
   * Gets a certificate and begins to take part.
   *
   * @throws SwarmRefusal in Docker's words; nothing is left behind
   */
  SwarmPart begin(JoinRequest request) throws SwarmRefusal {
    if (request.remoteAddresses().isEmpty()) {
      throw new SwarmRefusal(
          SwarmRefusal.Kind.INVALID, "at least 1 RemoteAddr is required to join");
    }
    SwarmState state = SwarmAddresses.of(request, nodeAddress);
    try {
      NodeIdentity identity = Admission.enroll(request, clock);
      files.create();
      files.certificates().save(identity);
      files.save(state);
      TlsCredentials credentials = new TlsCredentials(identity, files.certificates(), clock);
      return participation.take(state, credentials, Optional.empty());
    } catch (SwarmRefusal refused) {
      files.eraseQuietly();
      throw refused;
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
  Optional<SwarmRefusal> await(SwarmPart joining) throws SwarmRefusal {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    try {
      while (!agent.isConnected() || (joining.isManager() && joining.manager().isEmpty())) {
        if (joining.seat().first().isCompletedExceptionally()) {
          return Optional.of(declined(joining.seat().first().exceptionNow()));
        }
        if (System.nanoTime() - deadline > 0) {
          throw new SwarmRefusal(
              SwarmRefusal.Kind.UNAVAILABLE,
              "Timeout was reached before node joined. The attempt to join the swarm will continue"
                  + " in the background. Use the \"docker info\" command to see the current swarm"
                  + " status of your node.");
        }
        Thread.sleep(POLL_MS);
      }
      return Optional.empty();
    } catch (InterruptedException interrupted) {
      throw Failure.of("wait for the first session", interrupted);
    }
  }

  private static SwarmRefusal declined(Throwable reason) {
    return new SwarmRefusal(
        SwarmRefusal.Kind.INTERNAL,
        "manager stopped: can't initialize raft node: " + reason.getMessage(),
        reason);
  }
}
