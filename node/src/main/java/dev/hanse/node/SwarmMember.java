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
import dev.hanse.identity.CertificateDirectory;
import dev.hanse.identity.CertificateRenewal;
import dev.hanse.identity.Enrollment;
import dev.hanse.identity.IdentityException;
import dev.hanse.identity.JoinToken;
import dev.hanse.identity.ManagerChannel;
import dev.hanse.identity.NodeIdentity;
import dev.hanse.identity.Role;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.manager.ClusterRequest;
import dev.hanse.manager.Manager;
import dev.hanse.manager.ManagerSettings;
import dev.hanse.manager.ManagerStartException;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.SessionMessage;
import dev.hanse.network.Ipv4Address;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * changes it; what others read is one volatile value.
 */
final class SwarmMember implements SwarmLifecycle, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SwarmMember.class);
  private static final Duration JOIN_LIMIT = Duration.ofSeconds(20);
  private static final long POLL_MS = 5;

  /** The present part in a swarm. */
  private record Part(
      SwarmState addresses,
      TlsCredentials credentials,
      Optional<Manager> manager,
      CertificateRenewal renewal) {}

  private final DaemonSettings settings;
  private final Agent agent;
  private final NetworkLoop networks;
  private final InstantSource clock = InstantSource.system();
  private final SecureRandom random = new SecureRandom();
  private final CertificateDirectory certificates;
  private final Path directory;
  private volatile @Nullable Part part;
  private volatile String error = "";
  private volatile List<LocalState.Peer> peers = List.of();
  private Consumer<Manager> managerListener = manager -> {};

  SwarmMember(DaemonSettings settings, Agent agent, NetworkLoop networks) {
    this.settings = settings;
    this.agent = agent;
    this.networks = networks;
    this.directory = settings.dataRoot().resolve("swarm");
    this.certificates = new CertificateDirectory(directory.resolve("certificates"));
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
    Files.createDirectories(directory);
    Optional<SwarmState> addresses = SwarmState.load(directory);
    if (addresses.isEmpty()) {
      // A start that was broken off in the middle of swarm init or join leaves no membership.
      erase();
      return;
    }
    Optional<NodeIdentity> identity;
    try {
      identity = certificates.load(clock.instant());
    } catch (IdentityException unusable) {
      error = String.valueOf(unusable.getMessage());
      LOG.error("this node cannot take part in its swarm: {}", error);
      return;
    }
    if (identity.isEmpty()) {
      throw new IOException(
          "the node's certificate is missing in " + directory.resolve("certificates"));
    }
    TlsCredentials credentials = new TlsCredentials(identity.get(), certificates, clock);
    Optional<Manager> manager = Optional.empty();
    if (identity.get().role() == Role.MANAGER) {
      manager = Optional.of(openManager(addresses.get(), credentials));
    }
    takeUp(addresses.get(), credentials, manager);
  }

  private Manager openManager(SwarmState addresses, TlsCredentials credentials) throws IOException {
    try {
      return Manager.open(managerSettings(addresses), credentials);
    } catch (ManagerStartException fault) {
      throw new IOException(fault.getMessage(), fault);
    }
  }

  private ManagerSettings managerSettings(SwarmState addresses) {
    return new ManagerSettings(
        directory.resolve("raft"),
        ManagerChannel.socketAddress(addresses.listenAddress()),
        advertised(addresses),
        clock);
  }

  private static String advertised(SwarmState addresses) {
    int port = ManagerChannel.socketAddress(addresses.listenAddress()).getPort();
    return addresses.advertiseAddress() + ":" + port;
  }

  @Override
  public synchronized String init(InitRequest request) throws SwarmRefusal {
    requireInactive();
    refuseUnsupported(request);
    SwarmState addresses = SwarmAddresses.of(request, settings.nodeAddress());
    ClusterRequest cluster =
        new ClusterRequest(
            request.spec(),
            request.defaultAddressPools(),
            request.subnetSize(),
            request.dataPathPort(),
            request.availability());
    Manager manager;
    try {
      Files.createDirectories(directory);
      manager = Manager.initialize(managerSettings(addresses), certificates, cluster);
    } catch (ManagerStartException refused) {
      SwarmRefusal.Kind kind =
          refused.rejection().isPresent() ? SwarmRefusal.Kind.INVALID : SwarmRefusal.Kind.INTERNAL;
      throw new SwarmRefusal(kind, String.valueOf(refused.getMessage()), refused);
    } catch (IOException fault) {
      throw failed("prepare " + directory, fault);
    }
    try {
      addresses.save(directory);
      takeUp(addresses, manager.credentials(), Optional.of(manager));
    } catch (IOException | InterruptedException fault) {
      manager.close();
      eraseQuietly();
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
    SwarmState addresses = SwarmAddresses.of(request, settings.nodeAddress());
    try {
      NodeIdentity identity = enroll(request);
      Files.createDirectories(directory);
      certificates.save(identity);
      addresses.save(directory);
      takeUp(addresses, new TlsCredentials(identity, certificates, clock), Optional.empty());
    } catch (SwarmRefusal refused) {
      eraseQuietly();
      throw refused;
    } catch (IOException | InterruptedException fault) {
      eraseQuietly();
      throw failed("join the swarm", fault);
    }
    awaitConnected();
  }

  private NodeIdentity enroll(JoinRequest request) throws SwarmRefusal, InterruptedException {
    JoinToken token;
    try {
      token = JoinToken.parse(request.joinToken());
    } catch (IdentityException malformed) {
      throw new SwarmRefusal(
          SwarmRefusal.Kind.INVALID, String.valueOf(malformed.getMessage()), malformed);
    }
    SwarmRefusal last = new SwarmRefusal(SwarmRefusal.Kind.UNAVAILABLE, "no manager was asked");
    for (String manager : request.remoteAddresses()) {
      try {
        return new Enrollment(clock).join(manager, token, request.availability());
      } catch (IdentityException refused) {
        last = refusal(refused);
        if (last.kind() == SwarmRefusal.Kind.INVALID) {
          throw last;
        }
      } catch (IllegalArgumentException badAddress) {
        throw new SwarmRefusal(
            SwarmRefusal.Kind.INVALID, String.valueOf(badAddress.getMessage()), badAddress);
      }
    }
    throw last;
  }

  private static SwarmRefusal refusal(IdentityException fault) {
    SwarmRefusal.Kind kind =
        switch (fault.reason()) {
          case INVALID_TOKEN, WRONG_ROOT, REFUSED -> SwarmRefusal.Kind.INVALID;
          case LOCKED -> SwarmRefusal.Kind.UNAUTHORIZED;
          case EXPIRED, UNTRUSTED, MALFORMED -> SwarmRefusal.Kind.INTERNAL;
          case UNREACHABLE -> SwarmRefusal.Kind.UNAVAILABLE;
        };
    return new SwarmRefusal(kind, String.valueOf(fault.getMessage()), fault);
  }

  private void awaitConnected() throws SwarmRefusal {
    long deadline = System.nanoTime() + JOIN_LIMIT.toNanos();
    try {
      while (!agent.isConnected()) {
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

  /** From here on the node is part of its swarm. */
  private void takeUp(SwarmState addresses, TlsCredentials credentials, Optional<Manager> manager)
      throws InterruptedException {
    NodeIdentity identity = credentials.identity();
    networks.join(
        new NodePlace(
            identity.nodeId(),
            Ipv4Address.of(addresses.dataPathAddress()),
            addresses.dataPathPort()));
    List<String> known =
        manager.isPresent() ? List.of(advertised(addresses)) : addresses.remoteManagers();
    CertificateRenewal renewal =
        CertificateRenewal.start(credentials, agent::managers, clock, random);
    part = new Part(addresses, credentials, manager, renewal);
    manager.ifPresent(managerListener);
    error = "";
    agent.join(
        new Membership(
            identity.nodeId(),
            address -> ManagerChannel.open(address, credentials),
            known,
            () -> Trust.of(credentials.identity()),
            message -> sessionMessage(message, credentials, renewal),
            this::endpoints));
  }

  private void sessionMessage(
      SessionMessage message, TlsCredentials credentials, CertificateRenewal renewal) {
    if (message.getManagersCount() > 0) {
      peers =
          message.getManagersList().stream()
              .map(manager -> manager.getPeer())
              .map(peer -> new LocalState.Peer(peer.getNodeId(), peer.getAddr()))
              .toList();
    }
    boolean roleChanged =
        message.hasNode() && Role.of(message.getNode().getRole()) != credentials.identity().role();
    if (roleChanged) {
      renewal.renewNow();
    }
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
    Part present = part;
    if (present == null && error.isEmpty()) {
      throw new SwarmRefusal(SwarmRefusal.Kind.UNAVAILABLE, "This node is not part of a swarm");
    }
    if (present != null && present.manager().isPresent() && !force) {
      throw new SwarmRefusal(
          SwarmRefusal.Kind.UNAVAILABLE,
          "You are attempting to leave the swarm on a node that is participating as a manager."
              + " Removing the last manager erases all current state of the swarm. Use `--force`"
              + " to ignore this message.");
    }
    try {
      agent.leave();
      networks.leave();
      if (present != null) {
        end(present);
      }
      part = null;
      error = "";
      peers = List.of();
      erase();
    } catch (IOException | InterruptedException fault) {
      throw failed("leave the swarm", fault);
    }
  }

  private static void end(Part present) {
    present.renewal().close();
    present.manager().ifPresent(Manager::close);
  }

  /** The membership first: without it the rest means nothing. */
  private void erase() throws IOException {
    SwarmState.delete(directory);
    certificates.delete();
    Directories.deleteTree(directory.resolve("raft"));
  }

  private void eraseQuietly() {
    try {
      erase();
    } catch (IOException fault) {
      LOG.warn("cleaning up after a failed start of the membership", fault);
    }
  }

  @Override
  public void unlock(String unlockKey) throws SwarmRefusal {
    throw new SwarmRefusal(SwarmRefusal.Kind.CONFLICT, "swarm is not locked");
  }

  @Override
  public LocalState state() {
    Part present = part;
    if (present == null) {
      return error.isEmpty()
          ? LocalState.inactive()
          : new LocalState(LocalState.Status.ERROR, "", "", false, error, List.of());
    }
    NodeIdentity identity = present.credentials().identity();
    boolean connected = agent.isConnected() || present.manager().isPresent();
    return new LocalState(
        connected ? LocalState.Status.ACTIVE : LocalState.Status.PENDING,
        identity.nodeId(),
        present.addresses().advertiseAddress(),
        identity.role() == Role.MANAGER,
        connected ? "" : "rpc error: code = Unavailable desc = no manager answers",
        peers);
  }

  @Override
  public Optional<Manager> manager() {
    Part present = part;
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
    Part present = part;
    return present == null
        ? Optional.empty()
        : Optional.of(present.credentials().identity().notAfter());
  }

  /** Ends the sessions and the manager; the node stays a member. The agent is closed before. */
  @Override
  public synchronized void close() {
    Part present = part;
    if (present != null) {
      end(present);
    }
  }
}
