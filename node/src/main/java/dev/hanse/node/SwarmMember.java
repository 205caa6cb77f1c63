package dev.hanse.node;

import dev.hanse.agent.Agent;
import dev.hanse.agent.dispatch.Membership;
import dev.hanse.agent.gossip.GossipIdentity;
import dev.hanse.agent.network.NetworkLoop;
import dev.hanse.agent.network.NodePlace;
import dev.hanse.docker.InitRequest;
import dev.hanse.docker.JoinRequest;
import dev.hanse.docker.LocalState;
import dev.hanse.docker.RestoreRequest;
import dev.hanse.docker.SwarmLifecycle;
import dev.hanse.docker.SwarmRefusal;
import dev.hanse.gossip.GossipView;
import dev.hanse.identity.CertificateUpkeep;
import dev.hanse.identity.IdentityException;
import dev.hanse.identity.ManagerChannel;
import dev.hanse.identity.NodeIdentity;
import dev.hanse.identity.Role;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.UnlockKey;
import dev.hanse.manager.ClusterRequest;
import dev.hanse.manager.Manager;
import dev.hanse.manager.ManagerStartException;
import dev.hanse.manager.OwnCertificate;
import dev.hanse.manager.RestoredCluster;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.network.Ipv4Address;
import java.io.IOException;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
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
  private static final Duration RESIGN_LIMIT = Duration.ofSeconds(5);
  private static final long POLL_MS = 5;
  private static final String LOCKED =
      "Swarm is encrypted and needs to be unlocked before it can be used. Please use \"docker swarm"
          + " unlock\" to unlock it.";

  private final DaemonSettings settings;
  private final Agent agent;
  private final NetworkLoop networks;
  private final InstantSource clock = InstantSource.system();
  private final SecureRandom random = new SecureRandom();
  private final SwarmFiles files;
  private volatile @Nullable SwarmPart part;
  private volatile String error = "";
  private @Nullable ExpiredMember expired;
  private volatile boolean locked;
  private volatile Consumer<Manager> managerListener = manager -> {};

  SwarmMember(DaemonSettings settings, Agent agent, NetworkLoop networks) {
    this.settings = settings;
    this.agent = agent;
    this.networks = networks;
    this.files = new SwarmFiles(settings.dataRoot().resolve("swarm"));
    agent.gossip().subscribe(this::gossiped);
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
    SwarmState now = SwarmAddresses.again(state.get(), settings.nodeAddress());
    if (!now.equals(state.get())) {
      LOG.info("this node is at {} now", now.advertiseAddress());
      files.save(now);
    }
    try {
      resume(now, Optional.empty());
    } catch (IdentityException unusable) {
      if (unusable.reason() == IdentityException.Reason.LOCKED) {
        locked = true;
        LOG.warn("{}", LOCKED);
        return;
      }
      error = String.valueOf(unusable.getMessage());
      LOG.error("this node cannot take part in its swarm: {}", error);
      if (unusable.reason() == IdentityException.Reason.EXPIRED) {
        askForAnother(state.get());
      }
    }
  }

  /** Away for longer than its certificate lived: the managers know this node by its key. */
  private void askForAnother(SwarmState state) throws IOException, InterruptedException {
    try {
      NodeIdentity outdated = files.certificates().loadExpired(Optional.empty()).orElseThrow();
      if (outdated.role() == Role.MANAGER && state.manager() && others(state).isEmpty()) {
        TlsCredentials credentials = new TlsCredentials(outdated, files.certificates(), clock);
        Manager manager = openManager(state, credentials, Optional.empty());
        OwnCertificate.renew(manager, clock);
        takeUp(state, credentials, Optional.of(manager));
        return;
      }
      expired =
          ExpiredMember.start(
              outdated, () -> others(state), clock, this::comeBack, refusal -> error = refusal);
    } catch (IdentityException unusable) {
      LOG.warn("nor can it ask for another certificate: {}", unusable.getMessage());
    }
  }

  /** The managers that are known, without this node. */
  private List<String> others(SwarmState state) {
    return Stream.concat(agent.managers().stream(), state.remoteManagers().stream())
        .distinct()
        .filter(address -> !address.equals(state.advertised()))
        .toList();
  }

  /** The new certificate is for the old key; another with a fresh one follows. */
  private synchronized void comeBack(NodeIdentity identity) {
    if (part != null || error.isEmpty()) {
      return; // Left meanwhile, or joined another swarm.
    }
    try {
      files.certificates().save(identity);
      resume();
      Optional.ofNullable(part).ifPresent(SwarmPart::renewNow);
    } catch (IOException fault) {
      error = String.valueOf(fault.getMessage());
      LOG.error("coming back into the swarm", fault);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void stopAsking() {
    ExpiredMember asking = expired;
    expired = null;
    if (asking != null) {
      asking.close();
    }
  }

  private void resume(SwarmState state, Optional<UnlockKey> unlockKey)
      throws IOException, IdentityException, InterruptedException {
    NodeIdentity identity =
        files
            .certificates()
            .load(clock.instant(), unlockKey)
            .orElseThrow(
                () ->
                    new IOException(
                        "the node's certificate is missing in " + files.certificateDirectory()));
    TlsCredentials credentials = new TlsCredentials(identity, files.certificates(), clock);
    Optional<Manager> manager = Optional.empty();
    if (identity.role() == Role.MANAGER && state.manager()) {
      manager = Optional.of(openManager(state, credentials, unlockKey));
    }
    takeUp(state, credentials, manager);
  }

  private Manager openManager(
      SwarmState state, TlsCredentials credentials, Optional<UnlockKey> unlockKey)
      throws IOException {
    if (!files.hasLog()) {
      throw new IOException(
          "the manager's log is missing: "
              + files.log()
              + "; remove "
              + files.certificateDirectory().getParent()
              + " and join the swarm again");
    }
    try {
      return Manager.open(ManagerSeat.settings(files, state, clock), credentials, unlockKey);
    } catch (ManagerStartException fault) {
      throw new IOException(fault.getMessage(), fault);
    }
  }

  @Override
  public synchronized String init(InitRequest request) throws SwarmRefusal {
    SwarmPart present = part;
    if (request.forceNewCluster() && present != null) {
      return beginAlone(present, request);
    }
    requireInactive();
    SwarmState state = SwarmAddresses.of(request, settings.nodeAddress()).withManager(true);
    ClusterRequest cluster =
        new ClusterRequest(
            request.spec(),
            request.defaultAddressPools(),
            request.subnetSize(),
            request.dataPathPort(),
            request.availability());
    Manager manager =
        begin(
            state,
            () ->
                Manager.initialize(
                    ManagerSeat.settings(files, state, clock), files.certificates(), cluster));
    return manager.credentials().identity().nodeId();
  }

  /** How the first manager of a swarm comes to be. */
  @FunctionalInterface
  private interface Beginning {
    Manager start() throws ManagerStartException;
  }

  private Manager begin(SwarmState state, Beginning beginning) throws SwarmRefusal {
    Manager manager;
    try {
      files.create();
      manager = beginning.start();
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
    return manager;
  }

  @Override
  public Restored restore(RestoreRequest request) throws SwarmRefusal {
    requireInactive();
    // Before the lock: the state comes as fast as the client sends it.
    RestoredCluster cluster = Restoring.read(request);
    synchronized (this) {
      requireInactive();
      SwarmState state =
          SwarmAddresses.of(request, cluster.dataPathPort(), settings.nodeAddress())
              .withManager(true);
      Manager manager =
          begin(
              state,
              () ->
                  cluster.start(
                      ManagerSeat.settings(files, state, clock),
                      files.certificates(),
                      request.availability()));
      return new Restored(manager.credentials().identity().nodeId(), cluster.formerManagers());
    }
  }

  @Override
  public synchronized void seekManagers(List<String> addresses) throws SwarmRefusal {
    if (part == null) {
      throw new SwarmRefusal(SwarmRefusal.Kind.UNAVAILABLE, "This node is not part of a swarm");
    }
    agent.seekManagers(addresses);
  }

  /** The other managers are lost: goes on with what is on this one's disk. */
  private String beginAlone(SwarmPart present, InitRequest request) throws SwarmRefusal {
    if (!present.isManager() || !present.seat().state().manager()) {
      throw new SwarmRefusal(
          SwarmRefusal.Kind.UNAVAILABLE,
          "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster"
              + " state. Please run this command on a manager node or promote the current node to"
              + " a manager.");
    }
    SwarmState old = present.seat().state();
    SwarmState state =
        SwarmAddresses.of(request, settings.nodeAddress())
            .withManager(true)
            .withDataPathPort(old.dataPathPort());
    Optional<UnlockKey> unlockKey = present.manager().flatMap(SwarmMember::unlockKey);
    TlsCredentials credentials = present.credentials();
    present.close();
    part = null;
    try {
      Manager alone =
          Manager.openAlone(ManagerSeat.settings(files, state, clock), credentials, unlockKey);
      files.save(state);
      agent.forgetManagers();
      takeUp(state, credentials, Optional.of(alone));
      return credentials.identity().nodeId();
    } catch (ManagerStartException | IOException | InterruptedException fault) {
      error = "could not begin a new cluster: " + fault.getMessage();
      throw failed("begin a new cluster", fault);
    }
  }

  private static Optional<UnlockKey> unlockKey(Manager manager) {
    return manager
        .snapshot()
        .cluster()
        .filter(cluster -> cluster.getSpec().getEncryptionConfig().getAutoLockManagers())
        .flatMap(cluster -> cluster.getUnlockKeysList().stream().findFirst())
        .map(key -> UnlockKey.of(key.getKey().toByteArray()));
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
    end();
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
                files, credentials, this::remoteManagers, clock, this::managerStarted),
            state,
            manager);
    SwarmPart taken =
        new SwarmPart(
            credentials,
            CertificateUpkeep.start(credentials, agent::managers, clock, random),
            seat);
    part = taken;
    error = "";
    // On another thread: the agent may be waiting for the session in which the change was told.
    credentials.onReplace(renewed -> Thread.ofVirtual().start(agent::reconnect));
    agent.join(
        new Membership(
            identity.nodeId(),
            address -> ManagerChannel.open(address, credentials),
            manager.isPresent() ? List.of(state.advertised()) : state.remoteManagers(),
            () -> Trust.of(credentials.identity()),
            taken::receive,
            this::endpoints),
        gossipIdentity(identity.nodeId(), state));
    seat.start();
    return taken;
  }

  /** Every manager that this node knows but itself. */
  private List<String> remoteManagers() {
    SwarmPart present = part;
    String own = present == null ? "" : present.seat().state().advertised();
    return agent.managers().stream().filter(address -> !address.equals(own)).toList();
  }

  /** Gossip listens where the cluster's port does. */
  private static GossipIdentity gossipIdentity(String nodeId, SwarmState state) {
    return new GossipIdentity(
        nodeId,
        ManagerChannel.socketAddress(state.listenAddress()).getAddress(),
        InetAddress.ofLiteral(state.advertiseAddress()),
        GossipIdentity.DEFAULT_PORT);
  }

  /** What gossip says of the nodes: for new connections at once, for the managers to act on. */
  private void gossiped(GossipView view) {
    networks.listen(view);
    manager().ifPresent(manager -> manager.reportLiveness(view));
  }

  private void managerStarted(Manager manager) {
    manager.reportLiveness(agent.gossip().view());
    managerListener.accept(manager);
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
    if (present == null && !locked && error.isEmpty()) {
      throw new SwarmRefusal(SwarmRefusal.Kind.UNAVAILABLE, "This node is not part of a swarm");
    }
    if (locked && !force) {
      throw new SwarmRefusal(
          SwarmRefusal.Kind.UNAVAILABLE,
          "Swarm is encrypted and locked. Please unlock it first or use `--force` to ignore this"
              + " message.");
    }
    if (present != null) {
      if (!force) {
        Leaving.check(present);
      }
      Leaving.resign(present, RESIGN_LIMIT);
    }
    end();
  }

  private void end() throws SwarmRefusal {
    SwarmPart present = part;
    stopAsking();
    try {
      agent.leave();
      networks.leave();
      if (present != null) {
        present.close();
      }
      part = null;
      locked = false;
      error = "";
      files.erase();
    } catch (IOException | InterruptedException fault) {
      throw failed("leave the swarm", fault);
    }
  }

  @Override
  public synchronized void unlock(String unlockKey) throws SwarmRefusal {
    if (!locked) {
      throw new SwarmRefusal(SwarmRefusal.Kind.CONFLICT, "swarm is not locked");
    }
    try {
      SwarmState state =
          files.load().orElseThrow(() -> new IOException("this node is not part of a swarm"));
      resume(state, Optional.of(UnlockKey.parse(unlockKey)));
      locked = false;
    } catch (IdentityException wrong) {
      throw new SwarmRefusal(
          wrong.reason() == IdentityException.Reason.LOCKED
              ? SwarmRefusal.Kind.UNAUTHORIZED
              : SwarmRefusal.Kind.INVALID,
          String.valueOf(wrong.getMessage()),
          wrong);
    } catch (IOException | InterruptedException fault) {
      throw failed("swarm component could not be started", fault);
    }
  }

  @Override
  public LocalState state() {
    SwarmPart present = part;
    if (present != null) {
      return present.state(agent.isConnected());
    }
    if (locked) {
      return new LocalState(LocalState.Status.LOCKED, "", "", true, LOCKED, List.of());
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
    if (part != null || locked || !error.isEmpty()) {
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
    stopAsking();
    SwarmPart present = part;
    if (present != null) {
      present.close();
    }
  }
}
