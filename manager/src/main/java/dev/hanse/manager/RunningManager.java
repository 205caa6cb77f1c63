package dev.hanse.manager;

import dev.hanse.calls.NodeCalls;
import dev.hanse.cluster.EngineAnswer;
import dev.hanse.cluster.EngineCallException;
import dev.hanse.cluster.Rotation;
import dev.hanse.cluster.ServiceLogs;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.NodeCommand.RemainAlone;
import dev.hanse.gossip.GossipView;
import dev.hanse.identity.ManagerChannel;
import dev.hanse.identity.StatusText;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.identity.certificate.UnlockKey;
import dev.hanse.identity.server.AccessControl;
import dev.hanse.identity.server.ClusterServer;
import dev.hanse.manager.authority.LockKeeper;
import dev.hanse.manager.calls.EngineCalls;
import dev.hanse.manager.forward.Forwarder;
import dev.hanse.manager.forward.LeaderRoute;
import dev.hanse.manager.forward.RemoteCalls;
import dev.hanse.manager.forward.RemoteCommands;
import dev.hanse.manager.leader.LeaderScope;
import dev.hanse.manager.leader.LeaderTerm;
import dev.hanse.manager.leader.LeaderTerms;
import dev.hanse.manager.log.LogReaders;
import dev.hanse.manager.loop.ControlLoop;
import dev.hanse.manager.members.Contacts;
import dev.hanse.manager.members.MembershipClient;
import dev.hanse.manager.members.MembershipException;
import dev.hanse.manager.members.OwnAddress;
import dev.hanse.manager.peers.PeerChannels;
import dev.hanse.manager.peers.RaftService;
import dev.hanse.model.Cluster;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.EngineCall;
import dev.hanse.model.LogSelector;
import dev.hanse.model.LogSubscriptionOptions;
import dev.hanse.model.Node;
import dev.hanse.raft.RatisLog;
import dev.hanse.raft.ReplicatedLog;
import dev.hanse.raft.log.LogCorruptedException;
import dev.hanse.raft.log.LogSettings;
import dev.hanse.raft.log.LogSettings.Start;
import dev.hanse.raft.log.Member;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of a manager, wired by hand; they stop in the reverse order of their start. */
final class RunningManager implements Manager {
  private static final Logger logger = LoggerFactory.getLogger(RunningManager.class);
  private static final Duration LEAD_LIMIT = Duration.ofSeconds(60);
  private static final Duration ELECTION_PATIENCE = Duration.ofSeconds(5);
  private static final Duration TRANSFER_LIMIT = Duration.ofSeconds(3);
  private static final Duration JOIN_LIMIT = Duration.ofSeconds(60);
  private static final Duration STATE_PATIENCE = Duration.ofSeconds(2);

  private final ManagerSettings settings;
  private final TlsCredentials credentials;
  private final SecureRandom random = new SecureRandom();
  private final Store store = new Store(Snapshot.empty());
  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private final ControlLoop loop;
  private final LeaderTerms terms;
  private final ClusterUpdates updates;
  private final LeaderRoute route;
  private final RemoteCommands remote;
  private final NodeCalls calls;
  private final LogReaders logReaders;
  private final CountDownLatch leaderKnown = new CountDownLatch(1);
  private final Contacts contacts;
  private volatile GossipView liveness = GossipView.EMPTY;
  private volatile Optional<RatisLog> log = Optional.empty();
  private Optional<ClusterPort> port = Optional.empty();

  private RunningManager(ManagerSettings settings, TlsCredentials credentials) {
    this.settings = settings;
    this.credentials = credentials;
    this.loop = new ControlLoop(settings.health(), store, settings.clock(), random);
    this.updates = new ClusterUpdates(store, loop::submit, credentials, settings.clock(), random);
    this.route = starting(new LeaderRoute(credentials, () -> log.map(opened -> opened)));
    this.loop.state().onLeaderChange(this::leaderChanged);
    this.remote = new RemoteCommands(route, store);
    this.contacts = new Contacts(starting(new PeerChannels(credentials)));
    this.terms = starting(new LeaderTerms(settings.health(), this::beginTerm));
    NodeCalls byLeader = new RemoteCalls(route);
    this.calls =
        (nodeId, request, wait) ->
            terms.current().map(LeaderTerm::calls).orElse(byLeader).open(nodeId, request, wait);
    this.logReaders = starting(new LogReaders(store, calls));
  }

  private LeaderTerm beginTerm(long term) {
    return new LeaderTerm(
        new LeaderScope(
            credentials,
            settings.advertise(),
            store,
            loop.during(term),
            () -> liveness,
            log.orElseThrow(),
            contacts,
            settings.clock(),
            random,
            settings.stopPatience(),
            settings.health()));
  }

  static Manager open(
      ManagerSettings settings, TlsCredentials credentials, Optional<UnlockKey> unlockKey)
      throws ManagerStartException {
    RunningManager manager = new RunningManager(settings, credentials);
    manager.startAll(Start.RESUME_OR_FOUND, unlockKey, () -> {});
    return manager;
  }

  static Manager join(ManagerSettings settings, TlsCredentials credentials, List<String> managers)
      throws ManagerStartException {
    RunningManager manager = new RunningManager(settings, credentials);
    manager.startAll(Start.JOIN, Optional.empty(), () -> manager.askToJoin(managers));
    return manager;
  }

  static Manager openAlone(
      ManagerSettings settings, TlsCredentials credentials, Optional<UnlockKey> unlockKey)
      throws ManagerStartException {
    String self = credentials.identity().nodeId();
    try {
      SavedState.rewriteAlone(settings, self, unlockKey);
    } catch (IOException e) {
      throw new ManagerStartException(
          "could not start a new cluster from this manager's state: " + e.getMessage(), e);
    }
    RunningManager manager = new RunningManager(settings, credentials);
    manager.startAll(
        Start.RESUME_OR_FOUND, unlockKey, () -> manager.require(new RemainAlone(self)));
    return manager;
  }

  static Manager initialize(
      ManagerSettings settings, CertificateDirectory certificates, ClusterRequest request)
      throws ManagerStartException {
    NewCluster cluster = NewCluster.create(settings.clock().instant(), new SecureRandom());
    try {
      // Without an identity nobody can have written here but an initialisation that failed.
      SavedState.delete(settings.logDirectory());
      RunningManager manager =
          new RunningManager(
              settings, new TlsCredentials(cluster.identity(), certificates, settings.clock()));
      manager.startAll(
          Start.RESUME_OR_FOUND,
          Optional.empty(),
          () -> new ClusterCreation(manager, manager.store).run(cluster, request));
      try {
        certificates.save(cluster.identity());
      } catch (IOException e) {
        manager.close();
        throw e;
      }
      return manager;
    } catch (ManagerStartException e) {
      SavedState.deleteQuietly(settings.logDirectory());
      throw e;
    } catch (IOException e) {
      SavedState.deleteQuietly(settings.logDirectory());
      throw new ManagerStartException("could not save the new cluster: " + e.getMessage(), e);
    }
  }

  private interface Step {
    void run() throws ManagerStartException, InterruptedException;
  }

  /** The port first: if it is taken nothing else has begun. */
  private void startAll(Start start, Optional<UnlockKey> unlockKey, Step afterLog)
      throws ManagerStartException {
    try {
      port = Optional.of(starting(ClusterPort.open(settings.listen(), server())));
      LogSettings kept =
          settings.log(credentials.identity().nodeId(), start, unlockKey.map(UnlockKey::bytes));
      RatisLog opened = starting(RatisLog.open(kept, loop.state(), contacts));
      log = Optional.of(opened);
      starting(LogUpkeep.follow(store, opened::snapshots));
      loop.start(opened, terms::changed);
      starting(loop);
      if (start == Start.RESUME_OR_FOUND) {
        awaitLeader(opened);
      }
      afterLog.run();
      starting(new LockKeeper(settings.health(), store, credentials, kept.keys()::rewrap));
      starting(OwnAddress.tell(settings.health(), opened, credentials, self()));
    } catch (IOException e) {
      close();
      throw new ManagerStartException(
          "could not open the manager's log: " + e.getMessage() + remedy(e), e);
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      throw new ManagerStartException("interrupted while starting the manager", e);
    } catch (ManagerStartException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private String remedy(IOException fault) {
    return fault instanceof LogCorruptedException
        ? ". Put a copy of it back, or move %s away and join anew"
            .formatted(settings.logDirectory())
        : "";
  }

  private Member self() {
    return new Member(credentials.identity().nodeId(), settings.advertise());
  }

  /**
   * One manager alone leads soon; several may have to wait for each other, and serve meanwhile. So
   * does one that the others have taken out of the group: they tell it what it is now.
   */
  private void awaitLeader(ReplicatedLog opened)
      throws InterruptedException, ManagerStartException {
    String self = credentials.identity().nodeId();
    if (!opened.members().stream().allMatch(member -> member.nodeId().equals(self))) {
      if (!leaderKnown.await(ELECTION_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        logger.warn("started without a leader: too few managers are online; waiting for them");
      }
    } else if (!terms.await(LEAD_LIMIT)) {
      throw new ManagerStartException(
          "the manager's log has not elected a leader in " + LEAD_LIMIT.toSeconds() + " s",
          new TimeoutException());
    }
  }

  /** On a thread of the log. */
  private void leaderChanged(Optional<String> nodeId) {
    logger.info("the leader is {}", nodeId.orElse("not known"));
    route.leaderChanged(nodeId);
    if (nodeId.isPresent()) {
      leaderKnown.countDown();
    }
  }

  /**
   * Asks again while the state does not come: whoever is demoted and promoted at once may have been
   * taken out of the group meanwhile, and nobody tells it.
   */
  private void askToJoin(List<String> managers) throws ManagerStartException, InterruptedException {
    MembershipClient others = new MembershipClient(credentials, () -> managers);
    CompletableFuture<Snapshot> state =
        StoreWatch.until(
            store, found -> hasStatus(found, credentials.identity().nodeId()), JOIN_LIMIT);
    try {
      while (true) {
        others.join(settings.advertise(), JOIN_LIMIT);
        try {
          var unused = state.get(STATE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
          return;
        } catch (TimeoutException late) {
          logger.debug("the state has not come yet");
        }
      }
    } catch (MembershipException e) {
      String message = String.valueOf(e.getMessage());
      throw e.refused()
          ? new ManagerStartException(new Rejection.FailedPrecondition(message))
          : new ManagerStartException(message, e);
    } catch (ExecutionException e) {
      throw new ManagerStartException("the other managers have not sent the state", e);
    }
  }

  private void require(Command command) throws ManagerStartException {
    if (loop.submit(command).join() instanceof Decision.Refused refused) {
      throw new ManagerStartException(refused.rejection());
    }
  }

  private NettyServerBuilder server() {
    Map<String, AccessControl.Access> rules = MethodRules.byName();
    Forwarder forwarder = new Forwarder(route, ManagerChannel.socketAddress(settings.advertise()));
    return ClusterServer.builder(
            settings.listen(),
            credentials,
            new AccessControl(rules, this::membership, settings.clock()),
            ClusterServer.Limits.DEFAULT)
        .addService(new HealthService(() -> leader().isPresent(), () -> log.isPresent()))
        .addService(new RaftService(() -> log))
        .fallbackHandlerRegistry(new LeaderMethods(rules.keySet(), terms, forwarder::method));
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

  /** Is the manager's address written, which joining nodes are told? */
  static boolean hasStatus(Snapshot state, String nodeId) {
    return state.find(Kind.NODE, nodeId).map(Node::hasManagerStatus).orElse(false);
  }

  @Override
  public Snapshot snapshot() {
    return store.snapshot();
  }

  @Override
  public CompletableFuture<Decision> submit(Command command) {
    return isLedElsewhere() ? remote.send(command) : loop.submit(command);
  }

  @Override
  public CompletableFuture<Decision> updateCluster(
      long version, ClusterSpec spec, Rotation rotation) {
    return isLedElsewhere()
        ? remote.updateCluster(
            ClusterUpdates.request(credentials.identity().organization(), version, spec, rotation))
        : updates.update(version, spec, rotation);
  }

  /** If nobody leads the own control loop refuses and says so. */
  private boolean isLedElsewhere() {
    return !loop.isLeading() && route.leader().isPresent();
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
  public void resign(Duration limit) throws MembershipException, InterruptedException {
    List<String> others =
        log.map(opened -> OwnAddress.others(opened, self().nodeId())).orElse(List.of());
    if (others.isEmpty()) {
      return;
    }
    try {
      stepDown().get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new MembershipException(false, "no other manager took over the leadership");
    }
    new MembershipClient(credentials, () -> others).leave(limit);
  }

  @Override
  public void rejoin(List<String> managers, Duration limit)
      throws MembershipException, InterruptedException {
    new MembershipClient(credentials, () -> managers).join(settings.advertise(), limit);
  }

  @Override
  public ServiceLogs logs(LogSelector selector, LogSubscriptionOptions options) {
    if (terms.current().isEmpty() && route.leader().isEmpty()) {
      throw new IllegalStateException(StatusText.of(LeaderRoute.NO_LEADER));
    }
    return logReaders.read(selector, options);
  }

  @Override
  public EngineAnswer askEngine(String nodeId, EngineCall call)
      throws EngineCallException, InterruptedException {
    return new EngineCalls(calls).ask(nodeId, call);
  }

  @Override
  public NodeCalls calls() {
    return calls;
  }

  @Override
  public void reportLiveness(GossipView view) {
    liveness = view;
    terms.current().ifPresent(term -> term.dispatch().listen());
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
    handOver();
    while (!started.isEmpty()) {
      try {
        started.pop().close();
      } catch (Exception e) {
        logger.warn("a part of the manager did not stop cleanly", e);
      }
    }
  }

  /** So that the others need not notice first that their leader has gone. */
  private void handOver() {
    if (loop.isLeading() && log.map(members -> members.members().size() > 1).orElse(false)) {
      try {
        stepDown().get(TRANSFER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException | TimeoutException e) {
        logger.warn("no other manager has taken over the leadership; the others will elect one", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private <T extends AutoCloseable> T starting(T part) {
    started.push(part);
    return part;
  }
}
