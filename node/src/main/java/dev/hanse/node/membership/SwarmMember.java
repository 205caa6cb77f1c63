package dev.hanse.node.membership;

import dev.hanse.agent.Agent;
import dev.hanse.agent.network.NetworkLoop;
import dev.hanse.cluster.ClusterAccess;
import dev.hanse.docker.InitRequest;
import dev.hanse.docker.JoinRequest;
import dev.hanse.docker.LocalState;
import dev.hanse.docker.RestoreRequest;
import dev.hanse.docker.SwarmLifecycle;
import dev.hanse.docker.SwarmRefusal;
import dev.hanse.gossip.GossipView;
import dev.hanse.health.Health;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.identity.certificate.UnlockKey;
import dev.hanse.manager.Manager;
import dev.hanse.manager.ManagerStartException;
import dev.hanse.manager.RestoredCluster;
import dev.hanse.node.settings.DaemonSettings;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's part in a swarm: takes it up, keeps it over restarts, gives it up. One call at a time
 * changes it; what others read is one volatile value, its {@link Standing}. Whether a manager
 * belongs to it is {@link ManagerSeat}'s affair.
 */
public final class SwarmMember implements SwarmLifecycle, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SwarmMember.class);
  private static final String UNLOCKING = "swarm component could not be started";
  private static final Duration RESIGN_LIMIT = Duration.ofSeconds(5);

  private final DaemonSettings settings;
  private final Agent agent;
  private final NetworkLoop networks;
  private final Health health;
  private final SwarmFiles files;
  private final Participation participation;
  private final Founding founding;
  private final Joining joining;
  private final Returning returning;
  private final Health.Part condition;
  private volatile Standing standing = new Standing.Outside();
  private volatile Consumer<Manager> managerListener = manager -> {};
  private Optional<ExpiredMember> asking = Optional.empty();
  private boolean closed;

  /** In no swarm yet: {@link #resume} takes up what the files tell of. */
  public SwarmMember(DaemonSettings settings, Agent agent, NetworkLoop networks, Health health) {
    InstantSource clock = InstantSource.system();
    this.settings = settings;
    this.agent = agent;
    this.networks = networks;
    this.health = health;
    this.files = new SwarmFiles(settings.dataRoot().resolve("swarm"));
    Ground ground = new Ground(files, clock, health);
    this.participation = new Participation(ground, agent, networks, new Own());
    this.founding = new Founding(ground, settings.nodeAddress(), participation, agent::description);
    this.joining = new Joining(files, settings.nodeAddress(), clock, participation, agent);
    this.returning = new Returning(ground, participation);
    this.condition = health.condition("swarm", true, () -> standing.fault());
    agent.gossip().subscribe(this::gossiped);
  }

  /** What this node is told of the part that it takes. */
  private final class Own implements Participation.Listener {
    @Override
    public void taken(SwarmPart part) {
      standing = new Standing.Taken(part);
    }

    @Override
    public void managerStarted(Manager manager) {
      manager.reportLiveness(agent.gossip().view());
      managerListener.accept(manager);
    }
  }

  /** Tells of the manager that runs here now, if any, and of each that starts later. */
  public synchronized void onManager(Consumer<Manager> listener) {
    managerListener = listener;
    manager().ifPresent(listener);
  }

  /**
   * Takes up the part that the node had when it was stopped, if any.
   *
   * @throws IOException when the state on disk cannot be used; the message names the file
   */
  public synchronized void resume() throws IOException, InterruptedException {
    Optional<SwarmState> state = returning.state(settings.nodeAddress());
    if (state.isEmpty()) {
      return;
    }
    try {
      takeUp(state.get(), Optional.empty());
    } catch (IdentityException unusable) {
      if (unusable.reason() == IdentityException.Reason.LOCKED) {
        standing = new Standing.Locked();
        LOG.warn("{}", Standing.LOCKED);
      } else {
        fail(unusable);
      }
    }
  }

  /** Takes the part up, or begins to ask for the certificate that this takes. */
  private void takeUp(SwarmState state, Optional<UnlockKey> unlockKey)
      throws IOException, IdentityException, InterruptedException {
    try {
      returning.resume(state, unlockKey);
    } catch (IdentityException unusable) {
      if (unusable.reason() != IdentityException.Reason.EXPIRED) {
        throw unusable;
      }
      fail(unusable);
      askForAnother(state, unlockKey);
    }
  }

  /**
   * Away for longer than its certificate lived. If somebody waits for it, or nobody else has to be
   * asked, the first round is over when this returns.
   */
  private void askForAnother(SwarmState state, Optional<UnlockKey> unlockKey)
      throws IOException, InterruptedException {
    try {
      ExpiredMember member = returning.expired(state, () -> others(state), unlockKey);
      if (unlockKey.isPresent() || others(state).isEmpty()) {
        Optional<NodeIdentity> another = member.ask();
        if (another.isPresent()) {
          comeBack(another.get(), unlockKey);
          return;
        }
      }
      asking = Optional.of(member);
      member.start(identity -> comeBack(identity, unlockKey), this::fail);
    } catch (IdentityException unusable) {
      fail(unusable);
    }
  }

  private void fail(IdentityException unusable) {
    LOG.error("this node cannot take part in its swarm: {}", unusable.getMessage());
    fail(
        unusable.reason() == IdentityException.Reason.MALFORMED
            ? "%s, in %s: put a copy of the files back, or leave with --force and join anew"
                .formatted(unusable.getMessage(), files.certificateDirectory())
            : String.valueOf(unusable.getMessage()));
  }

  private void fail(String error) {
    standing = new Standing.Failed(error);
  }

  /** The managers that are known, without this node. */
  private List<String> others(SwarmState state) {
    return Stream.concat(agent.managers().stream(), state.remoteManagers().stream())
        .distinct()
        .filter(address -> !address.equals(state.advertised()))
        .toList();
  }

  /** The new certificate is for the old key; another with a fresh one follows. */
  private synchronized void comeBack(NodeIdentity identity, Optional<UnlockKey> unlockKey) {
    if (closed || !(standing instanceof Standing.Failed)) {
      return; // Left meanwhile, or joined another swarm.
    }
    try {
      files.certificates().save(identity);
      takeUp(membership(), unlockKey);
      standing.present().ifPresent(SwarmPart::renewNow);
    } catch (IdentityException unusable) {
      fail(unusable);
    } catch (IOException fault) {
      fail(String.valueOf(fault.getMessage()));
      LOG.error("coming back into the swarm", fault);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private SwarmState membership() throws IOException {
    return files.load().orElseThrow(() -> new IOException("this node is not part of a swarm"));
  }

  private void stopAsking() {
    asking.ifPresent(ExpiredMember::close);
    asking = Optional.empty();
  }

  @Override
  public synchronized String init(InitRequest request) throws SwarmRefusal {
    Optional<SwarmPart> present = standing.present();
    if (request.forceNewCluster() && present.isPresent()) {
      return beginAlone(present.get(), request);
    }
    requireOutside();
    return founding.found(request);
  }

  /** The other managers are lost: goes on with what is on this one's disk. */
  private String beginAlone(SwarmPart present, InitRequest request) throws SwarmRefusal {
    SwarmState state = founding.aloneAt(present, request);
    try {
      return founding.alone(present, state);
    } catch (ManagerStartException | IOException | InterruptedException fault) {
      fail("could not begin a new cluster: " + fault.getMessage());
      throw Failure.of("begin a new cluster", fault);
    }
  }

  @Override
  public Restored restore(RestoreRequest request) throws SwarmRefusal {
    requireOutside();
    // Before the lock: the state comes as fast as the client sends it.
    RestoredCluster cluster = Restoring.read(request);
    synchronized (this) {
      requireOutside();
      return founding.restore(cluster, request);
    }
  }

  @Override
  public synchronized void seekManagers(List<String> addresses) throws SwarmRefusal {
    if (standing.present().isEmpty()) {
      throw outside();
    }
    agent.seekManagers(addresses);
  }

  @Override
  public synchronized void join(JoinRequest request) throws SwarmRefusal {
    requireOutside();
    long deadlineNanos = Joining.deadlineNanos();
    Optional<NodeIdentity> identity = joining.ask(request, deadlineNanos);
    if (identity.isEmpty()) {
      Seeker seeker =
          new Seeker(health, () -> joining.ask(request, System.nanoTime()), Seeker.PAUSE);
      standing = new Standing.Seeking(seeker);
      seeker.start(new Sought(request));
      throw Joining.timeout();
    }
    SwarmPart begun = joining.begin(request, identity.get());
    Optional<SwarmRefusal> declined = joining.await(begun, deadlineNanos);
    if (declined.isPresent()) {
      end();
      throw declined.get();
    }
  }

  /** The attempt to join that went on in the background is settled. */
  private final class Sought implements Seeker.Outcome {
    private final JoinRequest request;

    Sought(JoinRequest request) {
      this.request = request;
    }

    @Override
    public void admitted(Seeker seeker, NodeIdentity identity) {
      synchronized (SwarmMember.this) {
        if (!closed && standing.equals(new Standing.Seeking(seeker))) {
          try {
            var unused = joining.begin(request, identity);
          } catch (SwarmRefusal fault) {
            refused(seeker, fault);
          }
        }
      }
    }

    @Override
    public void refused(Seeker seeker, SwarmRefusal refusal) {
      synchronized (SwarmMember.this) {
        if (!closed && standing.equals(new Standing.Seeking(seeker))) {
          LOG.error("joining: {}", refusal.getMessage());
          fail(String.valueOf(refusal.getMessage()));
        }
      }
    }
  }

  /** Not under the lock: it takes long, and a call that hangs must not keep the machine up. */
  @Override
  public int shutDown(Duration limit) throws InterruptedException {
    return agent.shutDown(limit);
  }

  /** What gossip says of the nodes: for new connections at once, for the managers to act on. */
  private void gossiped(GossipView view) {
    networks.listen(view);
    manager().ifPresent(manager -> manager.reportLiveness(view));
  }

  @Override
  public synchronized void leave(boolean force) throws SwarmRefusal {
    switch (standing) {
      case Standing.Outside _ -> throw outside();
      case Standing.Locked _ -> {
        if (!force) {
          throw new SwarmRefusal(
              SwarmRefusal.Kind.UNAVAILABLE,
              "Swarm is encrypted and locked. Please unlock it first or use `--force` to ignore"
                  + " this message.");
        }
      }
      case Standing.Failed _ -> {}
      case Standing.Seeking(Seeker seeker) -> seeker.close();
      case Standing.Taken(SwarmPart part) -> {
        if (!force) {
          Leaving.check(part);
        }
        Leaving.resign(part, RESIGN_LIMIT);
      }
    }
    end();
  }

  private void end() throws SwarmRefusal {
    stopAsking();
    try {
      participation.end();
      standing.present().ifPresent(SwarmPart::close);
      standing = new Standing.Outside();
      files.erase();
    } catch (IOException | InterruptedException fault) {
      throw Failure.of("leave the swarm", fault);
    }
  }

  @Override
  public synchronized void unlock(String unlockKey) throws SwarmRefusal {
    if (!(standing instanceof Standing.Locked)) {
      throw new SwarmRefusal(SwarmRefusal.Kind.CONFLICT, "swarm is not locked");
    }
    try {
      takeUp(membership(), Optional.of(UnlockKey.parse(unlockKey)));
    } catch (IdentityException wrong) {
      throw new SwarmRefusal(
          wrong.reason() == IdentityException.Reason.LOCKED
              ? SwarmRefusal.Kind.UNAUTHORIZED
              : SwarmRefusal.Kind.INVALID,
          String.valueOf(wrong.getMessage()),
          wrong);
    } catch (IOException | InterruptedException fault) {
      throw Failure.of(UNLOCKING, fault);
    }
    if (standing instanceof Standing.Failed(String error)) {
      throw new SwarmRefusal(SwarmRefusal.Kind.INTERNAL, UNLOCKING + ": " + error);
    }
  }

  @Override
  public LocalState state() {
    return standing.state(agent.isConnected());
  }

  @Override
  public Optional<ClusterAccess> cluster() {
    return manager().map(manager -> manager);
  }

  private Optional<Manager> manager() {
    return standing.present().flatMap(SwarmPart::manager);
  }

  private static SwarmRefusal outside() {
    return new SwarmRefusal(SwarmRefusal.Kind.UNAVAILABLE, "This node is not part of a swarm");
  }

  private void requireOutside() throws SwarmRefusal {
    if (!(standing instanceof Standing.Outside)) {
      throw new SwarmRefusal(
          SwarmRefusal.Kind.UNAVAILABLE,
          "This node is already part of a swarm. Use \"docker swarm leave\" to leave this swarm"
              + " and join another one.");
    }
  }

  /** Ends the sessions and the manager; the node stays a member. The agent is closed after. */
  @Override
  public synchronized void close() {
    closed = true;
    if (standing instanceof Standing.Seeking(Seeker seeker)) {
      seeker.close();
    }
    stopAsking();
    standing.present().ifPresent(SwarmPart::close);
    condition.close();
  }
}
