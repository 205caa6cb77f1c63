package dev.hanse.manager;

import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.ClusterCommand.FirstManager;
import dev.hanse.control.command.ClusterCommand.InitializeCluster;
import dev.hanse.control.command.Command;
import dev.hanse.gossip.GossipView;
import dev.hanse.identity.AccessControl;
import dev.hanse.identity.CertificateDirectory;
import dev.hanse.identity.ClusterServer;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.manager.forward.RawMethod;
import dev.hanse.manager.log.ServiceLogs;
import dev.hanse.manager.loop.ControlLoop;
import dev.hanse.manager.loop.ControlStep;
import dev.hanse.manager.peers.PeerChannels;
import dev.hanse.manager.peers.RaftService;
import dev.hanse.manager.reign.LeaderScope;
import dev.hanse.manager.reign.Reign;
import dev.hanse.manager.reign.Reigns;
import dev.hanse.model.Cluster;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.LogSelector;
import dev.hanse.model.LogSubscriptionOptions;
import dev.hanse.model.Node;
import dev.hanse.raft.LogSettings;
import dev.hanse.raft.RatisLog;
import dev.hanse.raft.ReplicatedLog;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of a manager, wired by hand; they stop in the reverse order of their start. */
final class RunningManager implements Manager {
  private static final Logger logger = LoggerFactory.getLogger(RunningManager.class);
  private static final Duration LEAD_LIMIT = Duration.ofSeconds(60);

  private final ManagerSettings settings;
  private final TlsCredentials credentials;
  private final SecureRandom random = new SecureRandom();
  private final Store store = new Store(Snapshot.empty());
  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private final ControlLoop loop;
  private final Reigns reigns;
  private final ClusterUpdates updates = new ClusterUpdates(random);
  private volatile GossipView liveness = GossipView.EMPTY;
  private volatile Optional<RatisLog> log = Optional.empty();
  private Optional<ClusterPort> port = Optional.empty();

  private RunningManager(ManagerSettings settings, TlsCredentials credentials) {
    this.settings = settings;
    this.credentials = credentials;
    this.loop = new ControlLoop(store, settings.clock(), random);
    this.reigns = starting(new Reigns(this::reign));
  }

  private Reign reign(long number) {
    return new Reign(
        new LeaderScope(
            credentials,
            settings.advertise(),
            store,
            loop.during(number),
            () -> liveness,
            log.orElseThrow(),
            settings.clock(),
            random));
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
      port = Optional.of(starting(ClusterPort.open(settings.listen(), server())));
      PeerChannels peers = starting(new PeerChannels(credentials));
      RatisLog opened =
          starting(
              RatisLog.open(
                  settings.log(
                      credentials.identity().nodeId(),
                      LogSettings.Start.RESUME_OR_FOUND,
                      Optional.empty()),
                  loop.state(),
                  peers));
      log = Optional.of(opened);
      loop.start(opened, reigns::changed);
      starting(loop);
      if (!reigns.await(LEAD_LIMIT)) {
        throw new ManagerStartException(
            "the manager's log has not elected a leader in " + LEAD_LIMIT.toSeconds() + " s",
            new TimeoutException());
      }
      afterLog.run();
    } catch (IOException e) {
      close();
      throw new ManagerStartException("could not open the manager's log: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      throw new ManagerStartException("interrupted while starting the manager", e);
    } catch (ManagerStartException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private NettyServerBuilder server() {
    Map<String, AccessControl.Access> rules = MethodRules.byName();
    return ClusterServer.builder(
            settings.listen(),
            credentials,
            new AccessControl(rules, this::membership, settings.clock()),
            ClusterServer.Limits.DEFAULT)
        .addService(new HealthService(loop::isLeading))
        .addService(new RaftService(() -> log))
        .fallbackHandlerRegistry(
            new LeaderMethods(rules.keySet(), reigns, RunningManager::withoutLeader));
  }

  private static ServerMethodDefinition<?, ?> withoutLeader(String method) {
    return RawMethod.served(
        method,
        (call, headers) -> {
          call.close(Status.UNAVAILABLE.withDescription(ControlStep.NO_LEADER), new Metadata());
          return new ServerCall.Listener<>() {};
        });
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
    var unused = StoreWatch.until(store, state -> isAnnounced(state, cluster), LEAD_LIMIT).join();
  }

  /** Is the first manager's address written, which joining nodes are told? */
  private static boolean isAnnounced(Snapshot state, NewCluster cluster) {
    return state
        .find(Kind.NODE, cluster.identity().nodeId())
        .map(Node::hasManagerStatus)
        .orElse(false);
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
    return loop.submit(updates.command(cluster.get(), version, spec, rotation));
  }

  @Override
  public Store.Subscription subscribe(Store.Listener listener) {
    return store.subscribe(listener);
  }

  @Override
  public Optional<String> leader() {
    return log.flatMap(ReplicatedLog::leader);
  }

  @Override
  public CompletableFuture<Void> stepDown() {
    return log.map(ReplicatedLog::transferLeadership)
        .orElseGet(() -> CompletableFuture.completedFuture(null));
  }

  @Override
  public ServiceLogs logs(LogSelector selector, LogSubscriptionOptions options) {
    return reigns.current().orElseThrow().logs().read(selector, options);
  }

  @Override
  public void reportLiveness(GossipView view) {
    liveness = view;
    reigns.current().ifPresent(reign -> reign.dispatch().listen());
  }

  @Override
  public TlsCredentials credentials() {
    return credentials;
  }

  @Override
  public InetSocketAddress listening() {
    return port.map(ClusterPort::listening).orElse(settings.listen());
  }

  @Override
  public String advertised() {
    return settings.advertise();
  }

  @Override
  public void close() {
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
