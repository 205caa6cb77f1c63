package dev.hanse.node;

import dev.hanse.agent.Agent;
import dev.hanse.agent.dispatch.Membership;
import dev.hanse.agent.network.NetworkLoop;
import dev.hanse.agent.network.NodePlace;
import dev.hanse.docker.InitRequest;
import dev.hanse.docker.JoinRequest;
import dev.hanse.docker.LocalState;
import dev.hanse.docker.SwarmLifecycle;
import dev.hanse.docker.SwarmRefusal;
import dev.hanse.identity.CertificateRenewal;
import dev.hanse.identity.IdentityException;
import dev.hanse.identity.ManagerChannel;
import dev.hanse.identity.NodeIdentity;
import dev.hanse.identity.Role;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.manager.ClusterRequest;
import dev.hanse.manager.Manager;
import dev.hanse.manager.ManagerStartException;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.network.Ipv4Address;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's part in a swarm: takes it up, keeps it over restarts, gives it up. One call at a time
 * changes it; what others read is one volatile value. Whether a manager belongs to it is {@link
 * ManagerSeat}'s affair.
 */
final class SwarmMember implements SwarmLifecycle, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SwarmMember.class);
  private static final Duration JOIN_LIMIT = Duration.ofSeconds(20);
  private static final long POLL_MS = 5;

  private final DaemonSettings settings;
  private final Agent agent;
  private final NetworkLoop networks;
  private final InstantSource clock = InstantSource.system();
  private final SecureRandom random = new SecureRandom();
  private final SwarmFiles files;
  private volatile @Nullable SwarmPart part;
  private volatile String error = "";
  private volatile Consumer<Manager> managerListener = manager -> {};

  SwarmMember(DaemonSettings settings, Agent agent, NetworkLoop networks) {
    this.settings = settings;
    this.agent = agent;
    this.networks = networks;
    this.files = new SwarmFiles(settings.dataRoot().resolve("swarm"));
  }

  /** Tells of the manager that runs here now, if any, and of each that starts later. */
  synchronized void onManager(Consumer<Manager> listener) {
    managerListener = listener;
    manager().ifPresent(listener);
  }

  /**
   * Takes up the part that the node had when it was stopped, if any.
   *
   * @throws IOException when the state on disk cannot be used; the message names the file
   */
  synchronized void resume() throws IOException, InterruptedException {
    files.create();
    Optional<SwarmState> state = files.load();
    if (state.isEmpty()) {
      // A start that was broken off in the middle of swarm init or join leaves no membership.
      files.erase();
      return;
    }
    Optional<NodeIdentity> identity;
    try {
      identity = files.certificates().load(clock.instant());
    } catch (IdentityException unusable) {
      error = String.valueOf(unusable.getMessage());
      LOG.error("this node cannot take part in its swarm: {}", error);
      return;
    }
    if (identity.isEmpty()) {
      throw new IOException("the node's certificate is missing in " + files.certificateDirectory());
    }
    TlsCredentials credentials = new TlsCredentials(identity.get(), files.certificates(), clock);
    Optional<Manager> manager = Optional.empty();
    if (identity.get().role() == Role.MANAGER && state.get().manager()) {
      manager = Optional.of(openManager(state.get(), credentials));
    }
    takeUp(state.get(), credentials, manager);
  }

  private Manager openManager(SwarmState state, TlsCredentials credentials) throws IOException {
    if (!files.hasLog()) {
      throw new IOException(
          "the manager's log is missing: "
              + files.log()
              + "; remove "
              + files.certificateDirectory().getParent()
              + " and join the swarm again");
    }
    try {
      return Manager.open(ManagerSeat.settings(files, state, clock), credentials);
    } catch (ManagerStartException fault) {
      throw new IOException(fault.getMessage(), fault);
    }
  }

  @Override
  public synchronized String init(InitRequest request) throws SwarmRefusal {
    requireInactive();
    refuseUnsupported(request);
    SwarmState state = SwarmAddresses.of(request, settings.nodeAddress()).withManager(true);
    ClusterRequest cluster =
        new ClusterRequest(
            request.spec(),
            request.defaultAddressPools(),
            request.subnetSize(),
            request.dataPathPort(),
            request.availability());
    Manager manager;
    try {
      files.create();
      manager =
          Manager.initialize(
              ManagerSeat.settings(files, state, clock), files.certificates(), cluster);
    } catch (ManagerStartException refused) {
      SwarmRefusal.Kind kind =
          refused.rejection().isPresent() ? SwarmRefusal.Kind.INVALID : SwarmRefusal.Kind.INTERNAL;
      throw new SwarmRefusal(kind, String.valueOf(refused.getMessage()), refused);
    } catch (IOException fault) {
      throw failed("prepare the swarm's files", fault);
    }
    try {
      files.save(state);
      takeUp(state, manager.credentials(), Optional.of(manager));
    } catch (IOException | InterruptedException fault) {
      manager.close();
      files.eraseQuietly();
      throw failed("begin the swarm", fault);
    }
    return manager.credentials().identity().nodeId();
  }

  private static void refuseUnsupported(InitRequest request) throws SwarmRefusal {
    if (request.forceNewCluster()) {
      throw new SwarmRefusal(
          SwarmRefusal.Kind.INVALID,
          "--force-new-cluster is not supported yet: a swarm has one manager");
    }
    if (request.autoLockManagers()) {
      throw new SwarmRefusal(SwarmRefusal.Kind.INVALID, "--autolock is not supported yet");
    }
  }

  @Override
  public synchronized void join(JoinRequest request) throws SwarmRefusal {
    requireInactive();
    if (request.remoteAddresses().isEmpty()) {
      throw new SwarmRefusal(
          SwarmRefusal.Kind.INVALID, "at least 1 RemoteAddr is required to join");
    }
    SwarmState state = SwarmAddresses.of(request, settings.nodeAddress());
    SwarmPart joining;
    try {
      NodeIdentity identity = Admission.enroll(request, clock);
      files.create();
      files.certificates().save(identity);
      files.save(state);
      TlsCredentials credentials = new TlsCredentials(identity, files.certificates(), clock);
      joining = takeUp(state, credentials, Optional.empty());
    } catch (SwarmRefusal refused) {
      files.eraseQuietly();
      throw refused;
    } catch (IOException | InterruptedException fault) {
      files.eraseQuietly();
      throw failed("join the swarm", fault);
    }
    awaitJoined(joining);
  }

  /** A worker is part of the swarm when it has a session, a manager when it has the state. */
  private void awaitJoined(SwarmPart joining) throws SwarmRefusal {
    long deadline = System.nanoTime() + JOIN_LIMIT.toNanos();
    try {
      while (!agent.isConnected() || (joining.isManager() && joining.manager().isEmpty())) {
        if (joining.seat().first().isCompletedExceptionally()) {
          giveUp(joining);
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
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw failed("wait for the first session", interrupted);
    }
  }

  /** The managers do not take this node in as one of them. */
  private void giveUp(SwarmPart joining) throws SwarmRefusal {
    Throwable reason = joining.seat().first().exceptionNow();
    end(joining);
    throw new SwarmRefusal(
        SwarmRefusal.Kind.INTERNAL,
        "manager stopped: can't initialize raft node: " + reason.getMessage(),
        reason);
  }

  /** From here on the node is part of its swarm. */
  private SwarmPart takeUp(SwarmState state, TlsCredentials credentials, Optional<Manager> manager)
      throws InterruptedException {
    NodeIdentity identity = credentials.identity();
    networks.join(
        new NodePlace(
            identity.nodeId(), Ipv4Address.of(state.dataPathAddress()), state.dataPathPort()));
    ManagerSeat seat =
        ManagerSeat.of(
            new ManagerSeat.Equipment(
                files, credentials, clock, started -> managerListener.accept(started)),
            state,
            manager);
    SwarmPart taken =
        new SwarmPart(
            credentials,
            CertificateRenewal.start(credentials, agent::managers, clock, random),
            seat);
    part = taken;
    error = "";
    agent.join(
        new Membership(
            identity.nodeId(),
            address -> ManagerChannel.open(address, credentials),
            manager.isPresent() ? List.of(state.advertised()) : state.remoteManagers(),
            () -> Trust.of(credentials.identity()),
            taken::receive,
            this::endpoints));
    seat.start();
    return taken;
  }

  private void endpoints(EndpointsMessage message, LongConsumer acknowledge) {
    try {
      networks.receive(message, acknowledge);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void leave(boolean force) throws SwarmRefusal {
    SwarmPart present = part;
    if (present == null && error.isEmpty()) {
      throw new SwarmRefusal(SwarmRefusal.Kind.UNAVAILABLE, "This node is not part of a swarm");
    }
    if (present == null) {
      try {
        agent.leave();
        networks.leave();
        error = "";
        files.erase();
      } catch (IOException | InterruptedException fault) {
        throw failed("leave the swarm", fault);
      }
      return;
    }
    if (!force) {
      Leaving.check(present);
    }
    end(present);
  }

  private void end(SwarmPart present) throws SwarmRefusal {
    try {
      agent.leave();
      networks.leave();
      present.close();
      part = null;
      error = "";
      files.erase();
    } catch (IOException | InterruptedException fault) {
      throw failed("leave the swarm", fault);
    }
  }

  @Override
  public void unlock(String unlockKey) throws SwarmRefusal {
    throw new SwarmRefusal(SwarmRefusal.Kind.CONFLICT, "swarm is not locked");
  }

  @Override
  public LocalState state() {
    SwarmPart present = part;
    if (present != null) {
      return present.state(agent.isConnected());
    }
    return error.isEmpty()
        ? LocalState.inactive()
        : new LocalState(LocalState.Status.ERROR, "", "", false, error, List.of());
  }

  @Override
  public Optional<Manager> manager() {
    SwarmPart present = part;
    return present == null ? Optional.empty() : present.manager();
  }

  private void requireInactive() throws SwarmRefusal {
    if (part != null || !error.isEmpty()) {
      throw new SwarmRefusal(
          SwarmRefusal.Kind.UNAVAILABLE,
          "This node is already part of a swarm. Use \"docker swarm leave\" to leave this swarm"
              + " and join another one.");
    }
  }

  private static SwarmRefusal failed(String action, Exception fault) {
    if (fault instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    return new SwarmRefusal(SwarmRefusal.Kind.INTERNAL, action + ": " + fault.getMessage(), fault);
  }

  /** When the daemon's certificate ends, for the log at the start. */
  Optional<Instant> certificateEnd() {
    return Optional.ofNullable(part).map(present -> present.identity().notAfter());
  }

  /** Ends the sessions and the manager; the node stays a member. The agent is closed before. */
  @Override
  public synchronized void close() {
    SwarmPart present = part;
    if (present != null) {
      present.close();
    }
  }
}
