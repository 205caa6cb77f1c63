package dev.hanse.node.membership;

import dev.hanse.docker.InitRequest;
import dev.hanse.docker.RestoreRequest;
import dev.hanse.docker.SwarmLifecycle.Restored;
import dev.hanse.docker.SwarmRefusal;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.UnlockKey;
import dev.hanse.manager.ClusterRequest;
import dev.hanse.manager.Manager;
import dev.hanse.manager.ManagerStartException;
import dev.hanse.manager.RestoredCluster;
import dev.hanse.manager.authority.LockKeeper;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.NodeStatus;
import dev.hanse.store.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a swarm begins with this node as its only manager: anew, from a saved state, or from what is
 * on this node's disk when the other managers are lost.
 */
final class Founding {
  private static final Logger LOG = LoggerFactory.getLogger(Founding.class);
  private static final Duration DESCRIBED_WITHIN = Duration.ofSeconds(10);
  private static final long POLL_MS = 2;

  private final Ground ground;
  private final SwarmFiles files;
  private final Optional<String> nodeAddress;
  private final Participation participation;
  private final Supplier<NodeDescription> description;

  /**
   * For this node.
   *
   * @param nodeAddress what the daemon was told to advertise
   * @param description what this node says of itself
   */
  Founding(
      Ground ground,
      Optional<String> nodeAddress,
      Participation participation,
      Supplier<NodeDescription> description) {
    this.ground = ground;
    this.files = ground.files();
    this.description = description;
    this.nodeAddress = nodeAddress;
    this.participation = participation;
  }

  /**
   * A new swarm.
   *
   * @return the id of this node in it
   * @throws SwarmRefusal with the reason; nothing is left behind
   */
  String found(InitRequest request) throws SwarmRefusal {
    SwarmState state = SwarmAddresses.of(request, nodeAddress).withManager(true);
    ClusterRequest cluster =
        new ClusterRequest(
            request.spec(),
            request.defaultAddressPools(),
            request.subnetSize(),
            request.dataPathPort(),
            request.availability(),
            description.get());
    return begin(
        state, () -> Manager.initialize(ground.manager(state), files.certificates(), cluster));
  }

  /**
   * A saved swarm.
   *
   * @throws SwarmRefusal with the reason; nothing is left behind
   */
  Restored restore(RestoredCluster cluster, RestoreRequest request) throws SwarmRefusal {
    SwarmState state =
        SwarmAddresses.of(request, cluster.dataPathPort(), nodeAddress).withManager(true);
    String nodeId =
        begin(
            state,
            () ->
                cluster.start(ground.manager(state), files.certificates(), request.availability()));
    return new Restored(nodeId, cluster.formerManagers());
  }

  /**
   * The swarm of which this node is a manager, without the others.
   *
   * @param present that this node has taken so far, which ends
   * @throws ManagerStartException if the log is unusable
   */
  String alone(SwarmPart present, SwarmState state)
      throws ManagerStartException, IOException, InterruptedException {
    Optional<UnlockKey> unlockKey = present.manager().flatMap(Founding::unlockKey);
    TlsCredentials credentials = present.credentials();
    present.close();
    Manager alone = Manager.openAlone(ground.manager(state), credentials, unlockKey);
    files.save(state);
    participation.takeAlone(state, credentials, alone);
    return credentials.identity().nodeId();
  }

  /**
   * Where this node is to be when it goes on alone.
   *
   * @throws SwarmRefusal if it cannot, since it is no manager, or for its address
   */
  SwarmState aloneAt(SwarmPart present, InitRequest request) throws SwarmRefusal {
    SwarmState old = present.seat().state();
    if (!present.isManager() || !old.manager()) {
      throw new SwarmRefusal(
          SwarmRefusal.Kind.UNAVAILABLE,
          "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster"
              + " state. Please run this command on a manager node or promote the current node to"
              + " a manager.");
    }
    return SwarmAddresses.of(request, nodeAddress)
        .withManager(true)
        .withDataPathPort(old.dataPathPort());
  }

  private static Optional<UnlockKey> unlockKey(Manager manager) {
    return manager.snapshot().cluster().flatMap(LockKeeper::unlockKey);
  }

  /** How the first manager of a swarm comes to be. */
  @FunctionalInterface
  private interface Beginning {
    Manager start() throws ManagerStartException;
  }

  private String begin(SwarmState state, Beginning beginning) throws SwarmRefusal {
    Manager manager;
    try {
      files.begin();
      manager = beginning.start();
    } catch (ManagerStartException refused) {
      files.eraseQuietly();
      SwarmRefusal.Kind kind =
          refused.rejection().isPresent() ? SwarmRefusal.Kind.INVALID : SwarmRefusal.Kind.INTERNAL;
      throw new SwarmRefusal(kind, String.valueOf(refused.getMessage()), refused);
    } catch (IOException fault) {
      throw Failure.of("prepare the swarm's files", fault);
    }
    try {
      files.save(state);
      participation.take(state, manager.credentials(), Optional.of(manager));
    } catch (IOException | InterruptedException fault) {
      manager.close();
      files.eraseQuietly();
      throw Failure.of("begin the swarm", fault);
    }
    String nodeId = manager.credentials().identity().nodeId();
    awaitDescription(manager, nodeId);
    return nodeId;
  }

  /** Until the node has said to its own manager what it is, lists would show it without a name. */
  private static void awaitDescription(Manager manager, String nodeId) throws SwarmRefusal {
    long deadline = System.nanoTime() + DESCRIBED_WITHIN.toNanos();
    try {
      while (!isDescribed(manager, nodeId)) {
        if (System.nanoTime() - deadline > 0) {
          LOG.warn("this node has not described itself in {}", DESCRIBED_WITHIN);
          return;
        }
        Thread.sleep(POLL_MS);
      }
    } catch (InterruptedException interrupted) {
      throw Failure.of("wait for the first session", interrupted);
    }
  }

  private static boolean isDescribed(Manager manager, String nodeId) {
    return manager
        .snapshot()
        .find(Kind.NODE, nodeId)
        .filter(node -> node.getStatus().getState() == NodeStatus.State.READY)
        .filter(node -> !node.getDescription().getHostname().isEmpty())
        .isPresent();
  }
}
