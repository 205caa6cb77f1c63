package dev.hanse.manager;

import com.google.protobuf.ByteString;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.ClusterCommand.FirstManager;
import dev.hanse.control.command.ClusterCommand.InitializeCluster;
import dev.hanse.control.command.ClusterCommand.UpdateCluster;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.NodeCommand.UpdateManagerStatus;
import dev.hanse.identity.AccessControl;
import dev.hanse.identity.CertificateDirectory;
import dev.hanse.identity.ClusterServer;
import dev.hanse.identity.IdentityException;
import dev.hanse.identity.JoinToken;
import dev.hanse.identity.RootCa;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.manager.authority.AuthorityServices;
import dev.hanse.manager.authority.CertificateAuthority;
import dev.hanse.manager.dispatch.DispatchLoop;
import dev.hanse.manager.dispatch.DispatcherService;
import dev.hanse.manager.dispatch.EndpointsService;
import dev.hanse.manager.dispatch.SessionMessages;
import dev.hanse.manager.log.LogBroker;
import dev.hanse.manager.log.LogServices;
import dev.hanse.manager.log.ServiceLogs;
import dev.hanse.manager.loop.ControlLoop;
import dev.hanse.model.Cluster;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.EncryptionKey;
import dev.hanse.model.JoinTokens;
import dev.hanse.model.LogSelector;
import dev.hanse.model.LogSubscriptionOptions;
import dev.hanse.model.ManagerStatus;
import dev.hanse.model.Node;
import dev.hanse.model.RaftMemberStatus;
import dev.hanse.model.RootCA;
import dev.hanse.raft.LogSettings;
import dev.hanse.raft.Member;
import dev.hanse.raft.PeerTransport;
import dev.hanse.raft.RatisLog;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import io.grpc.Server;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of a manager, wired by hand; they stop in the reverse order of their start. */
final class RunningManager implements Manager {
  private static final Logger logger = LoggerFactory.getLogger(RunningManager.class);
  private static final long RAFT_ID = 1;
  private static final int UNLOCK_KEY_BYTES = 32;
  private static final int SERVER_STOP_SECONDS = 2;

  private final ManagerSettings settings;
  private final TlsCredentials credentials;
  private final SecureRandom random = new SecureRandom();
  private final Store store = new Store(Snapshot.empty());
  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private final ControlLoop loop;
  private final DispatchLoop dispatch;
  private final LogBroker logs;
  private Optional<Server> server = Optional.empty();

  private RunningManager(ManagerSettings settings, TlsCredentials credentials) {
    this.settings = settings;
    this.credentials = credentials;
    this.loop = new ControlLoop(store, settings.clock(), random);
    this.dispatch =
        starting(
            new DispatchLoop(
                store,
                loop::submit,
                random,
                new SessionMessages(credentials.identity().nodeId(), settings.advertise())));
    this.logs = starting(new LogBroker(store, random));
  }

  static Manager open(ManagerSettings settings, TlsCredentials credentials)
      throws ManagerStartException {
    RunningManager manager = new RunningManager(settings, credentials);
    manager.startAll(() -> {});
    return manager;
  }

  static Manager initialize(
      ManagerSettings settings, CertificateDirectory certificates, ClusterRequest request)
      throws ManagerStartException {
    NewCluster cluster = NewCluster.create(settings.clock().instant(), new SecureRandom());
    try {
      // Without an identity nobody can have written here but an initialisation that failed.
      delete(settings.logDirectory());
      RunningManager manager =
          new RunningManager(
              settings, new TlsCredentials(cluster.identity(), certificates, settings.clock()));
      manager.startAll(() -> manager.create(cluster, request));
      try {
        certificates.save(cluster.identity());
      } catch (IOException e) {
        manager.close();
        throw e;
      }
      return manager;
    } catch (ManagerStartException e) {
      deleteQuietly(settings.logDirectory());
      throw e;
    } catch (IOException e) {
      deleteQuietly(settings.logDirectory());
      throw new ManagerStartException("could not save the new cluster: " + e.getMessage(), e);
    }
  }

  private interface Step {
    void run() throws ManagerStartException;
  }

  /** The port first: if it is taken nothing else has begun. */
  private void startAll(Step afterLog) throws ManagerStartException {
    try {
      startServer();
      RatisLog replicatedLog =
          starting(
              RatisLog.open(
                  LogSettings.of(
                      settings.logDirectory(),
                      new Member(credentials.identity().nodeId(), settings.advertise()),
                      LogSettings.Start.RESUME_OR_FOUND),
                  loop.state(),
                  PeerTransport.NONE));
      loop.start(replicatedLog);
      starting(loop);
      afterLog.run();
      starting(new CertificateAuthority(store, loop::submit, settings.clock(), random));
      dispatch.expectNodes();
      announce();
    } catch (IOException e) {
      close();
      throw new ManagerStartException("could not open the manager's log: " + e.getMessage(), e);
    } catch (ManagerStartException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private void startServer() throws ManagerStartException {
    AuthorityServices authority = new AuthorityServices(store, loop::submit);
    LogServices logServices = new LogServices(logs);
    String host = settings.advertise().replaceFirst(":\\d+$", "");
    Server built =
        ClusterServer.builder(
                settings.listen(),
                credentials,
                new AccessControl(MethodRules.byName(), this::membership, settings.clock()),
                ClusterServer.Limits.DEFAULT)
            .addService(authority.authority())
            .addService(authority.nodeAuthority())
            .addService(new DispatcherService(store, loop::submit, dispatch, host))
            .addService(new EndpointsService(dispatch))
            .addService(logServices.forNodes())
            .addService(logServices.forManagers())
            .addService(new HealthService(loop::isLeading))
            .build();
    try {
      built.start();
    } catch (IOException e) {
      throw new ManagerStartException(
          "failed to listen on remote API address: listen tcp "
              + settings.listen().getAddress().getHostAddress()
              + ":"
              + settings.listen().getPort()
              + ": "
              + (rootCause(e) instanceof BindException bind ? bind.getMessage() : e.getMessage()),
          e);
    }
    server = Optional.of(built);
  }

  private static void stop(Server server) {
    server.shutdownNow();
    try {
      if (!server.awaitTermination(SERVER_STOP_SECONDS, TimeUnit.SECONDS)) {
        logger.warn("the gRPC server has not stopped in {} s", SERVER_STOP_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private AccessControl.Membership membership() {
    Optional<Cluster> cluster = store.snapshot().cluster();
    return new AccessControl.Membership() {
      @Override
      public String organization() {
        return credentials.identity().organization();
      }

      @Override
      public boolean removed(String nodeId) {
        return cluster.map(found -> found.containsBlacklistedCertificates(nodeId)).orElse(false);
      }
    };
  }

  private void create(NewCluster cluster, ClusterRequest request) throws ManagerStartException {
    Command command =
        new InitializeCluster(
            cluster.identity().organization(),
            request.spec(),
            cluster.rootCa(),
            request.addressPool(),
            request.subnetSize(),
            request.dataPathPort(),
            new FirstManager(
                cluster.identity().nodeId(), cluster.certificate(), request.availability()));
    if (loop.submit(command).join() instanceof Decision.Refused refused) {
      throw new ManagerStartException(refused.rejection());
    }
  }

  /** Writes this manager's address into its node object, if it is not there yet. */
  private void announce() {
    String nodeId = credentials.identity().nodeId();
    ManagerStatus status =
        ManagerStatus.newBuilder()
            .setRaftId(RAFT_ID)
            .setAddr(settings.advertise())
            .setLeader(true)
            .setReachability(RaftMemberStatus.Reachability.REACHABLE)
            .build();
    Optional<Node> node = store.snapshot().find(Kind.NODE, nodeId);
    if (node.isPresent() && !node.get().getManagerStatus().equals(status)) {
      Decision decision = loop.submit(new UpdateManagerStatus(nodeId, Optional.of(status))).join();
      if (decision instanceof Decision.Refused refused) {
        logger.warn("manager's address not stored: {}", refused.rejection().message());
      }
    }
  }

  @Override
  public Snapshot snapshot() {
    return store.snapshot();
  }

  @Override
  public CompletableFuture<Decision> submit(Command command) {
    return loop.submit(command);
  }

  @Override
  public CompletableFuture<Decision> updateCluster(
      long version, ClusterSpec spec, Rotation rotation) {
    Optional<Cluster> cluster = store.snapshot().cluster();
    if (cluster.isEmpty()) {
      return CompletableFuture.completedFuture(
          new Decision.Refused(new Rejection.NotFound("cluster not found")));
    }
    return loop.submit(
        new UpdateCluster(
            cluster.get().getId(),
            version,
            spec,
            rotatedTokens(cluster.get().getRootCa(), rotation),
            rotatedUnlockKey(cluster.get(), spec, rotation)));
  }

  private Optional<RootCA> rotatedTokens(RootCA root, Rotation rotation) {
    if (!rotation.workerToken() && !rotation.managerToken()) {
      return Optional.empty();
    }
    try {
      RootCa certificate = RootCa.of(root.getCaCert().toByteArray());
      JoinTokens.Builder tokens = root.getJoinTokens().toBuilder();
      if (rotation.workerToken()) {
        tokens.setWorker(JoinToken.generate(certificate, random).toString());
      }
      if (rotation.managerToken()) {
        tokens.setManager(JoinToken.generate(certificate, random).toString());
      }
      return Optional.of(root.toBuilder().setJoinTokens(tokens).build());
    } catch (IdentityException e) {
      throw new IllegalStateException("the cluster's root certificate is unusable", e);
    }
  }

  /** A key is made when locking is switched on, and when it is rotated. */
  private Optional<List<EncryptionKey>> rotatedUnlockKey(
      Cluster cluster, ClusterSpec spec, Rotation rotation) {
    boolean locked = spec.getEncryptionConfig().getAutoLockManagers();
    boolean wasLocked = cluster.getSpec().getEncryptionConfig().getAutoLockManagers();
    if (!locked) {
      return wasLocked ? Optional.of(List.of()) : Optional.empty();
    }
    if (wasLocked && !rotation.unlockKey()) {
      return Optional.empty();
    }
    byte[] key = new byte[UNLOCK_KEY_BYTES];
    random.nextBytes(key);
    return Optional.of(
        List.of(
            EncryptionKey.newBuilder()
                .setSubsystem("swarm-manager")
                .setKey(ByteString.copyFrom(key))
                .build()));
  }

  @Override
  public Store.Subscription subscribe(Store.Listener listener) {
    return store.subscribe(listener);
  }

  @Override
  public ServiceLogs logs(LogSelector selector, LogSubscriptionOptions options) {
    return logs.read(selector, options);
  }

  @Override
  public TlsCredentials credentials() {
    return credentials;
  }

  @Override
  public InetSocketAddress listening() {
    return server
        .map(running -> new InetSocketAddress(settings.listen().getAddress(), running.getPort()))
        .orElse(settings.listen());
  }

  @Override
  public String advertised() {
    return settings.advertise();
  }

  @Override
  public void close() {
    server.ifPresent(RunningManager::stop);
    while (!started.isEmpty()) {
      try {
        started.pop().close();
      } catch (Exception e) {
        logger.warn("stopping the manager", e);
      }
    }
  }

  private <T extends AutoCloseable> T starting(T part) {
    started.push(part);
    return part;
  }

  private static Throwable rootCause(Throwable error) {
    Throwable cause = error;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  static void delete(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  static void deleteQuietly(Path directory) {
    try {
      delete(directory);
    } catch (IOException e) {
      logger.warn("removing what a failed start has left in {}", directory, e);
    }
  }
}
