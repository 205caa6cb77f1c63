package dev.hanse.agent;

import dev.hanse.agent.dispatch.EngineDoor;
import dev.hanse.agent.dispatch.Illness;
import dev.hanse.agent.dispatch.KnownManagers;
import dev.hanse.agent.dispatch.ManagerClient;
import dev.hanse.agent.dispatch.Membership;
import dev.hanse.agent.dispatch.NodeAnswers;
import dev.hanse.agent.dispatch.Returns;
import dev.hanse.agent.dispatch.StatusReports;
import dev.hanse.agent.gossip.GossipIdentity;
import dev.hanse.agent.gossip.GossipLoop;
import dev.hanse.agent.gossip.GossipSettings;
import dev.hanse.agent.gossip.SessionGossip;
import dev.hanse.agent.log.LogStore;
import dev.hanse.agent.mount.TaskFiles;
import dev.hanse.agent.mount.VolumeParts;
import dev.hanse.agent.network.TaskNetworks;
import dev.hanse.agent.task.ContainerPlace;
import dev.hanse.agent.task.ContainerView;
import dev.hanse.agent.task.HealthMonitor;
import dev.hanse.agent.task.TaskContainer;
import dev.hanse.agent.task.TaskMachine;
import dev.hanse.agent.task.TaskSteps;
import dev.hanse.agent.volume.Volumes;
import dev.hanse.agent.workload.Workload;
import dev.hanse.health.HealthReport;
import dev.hanse.health.LivedTime;
import dev.hanse.health.OwnerThread;
import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.NodeDescription;
import dev.hanse.runtime.ContainerRuntime;
import dev.hanse.runtime.RuntimeFault;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent of this node, for the rest of the daemon. It exists whether or not the node is in a
 * swarm; {@link #join} makes it serve the managers of one.
 *
 * <p>All methods may be called from any thread.
 */
public final class Agent implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

  /** How long the managers may take to stop the tasks of a node that leaves. */
  private static final Duration OWN_MOVE_AFTER = Duration.ofSeconds(3);

  private static final Duration HEALTH_LOOK = Duration.ofMillis(500);
  private static final Duration SHUT_DOWN_POLL = Duration.ofMillis(20);

  private final AgentSettings settings;
  private final ContainerRuntime runtime;
  private final TaskNetworks networks;
  private final Volumes volumes;
  private final LogStore logs;
  private final StatusReports reports = new StatusReports();
  private final KnownManagers managers;
  private final TaskSteps steps;
  private final AgentLoop loop;
  private final GossipLoop gossip;
  private final AutoCloseable events;
  private final List<AutoCloseable> watches;
  private final Illness illness = new Illness();
  private volatile @Nullable ManagerClient client;
  private volatile EngineDoor engine =
      () -> {
        throw new IOException("the node is starting: its API does not listen yet");
      };

  private Agent(AgentSettings settings, ContainerRuntime runtime, TaskNetworks networks)
      throws IOException, InterruptedException {
    this.settings = settings;
    this.runtime = runtime;
    this.networks = networks;
    this.gossip = GossipLoop.start(settings.health(), GossipSettings.DEFAULT);
    OwnFiles.directory(settings.dataDirectory(), OwnFiles.GROUP_PASSAGE);
    this.volumes = Volumes.in(settings.dataDirectory().resolve("volumes"));
    this.logs = LogStore.in(settings.dataDirectory().resolve("logs"));
    this.managers =
        KnownManagers.in(settings.dataDirectory().resolve("managers"), new SecureRandom());
    TaskFiles files = TaskFiles.in(settings.runDirectory());
    VolumeParts parts = VolumeParts.in(settings.runDirectory().resolve("volume-parts"));
    TaskRecords records = TaskRecords.in(settings.dataDirectory().resolve("tasks"));
    AssignedDependencies dependencies = new AssignedDependencies();
    // Steps report health to the loop, which is made after them but before any step.
    AtomicReference<AgentLoop> made = new AtomicReference<>();
    this.steps =
        new TaskSteps(
            settings.health(),
            runtime,
            networks,
            volumes,
            parts,
            logs,
            files,
            dependencies,
            this::description,
            HostDescription.processors(),
            (taskId, health) -> Objects.requireNonNull(made.get()).healthChanged(taskId, health));
    this.loop = new AgentLoop(settings.health(), steps, records, dependencies, reports);
    made.set(loop);
    Collection<Workload> assigned = records.load();
    Set<String> unfinished =
        assigned.stream()
            .filter(workload -> !TaskMachine.isEnded(workload.status().state()))
            .map(Workload::id)
            .collect(Collectors.toSet());
    gossip.subscribe(new Returns(managers::all, this::managerReturned)::listen);
    this.events = runtime.containers().subscribe(loop::happened);
    networks.onForeignSubnets(() -> Thread.ofVirtual().name("described").start(this::reconnect));
    networks.keepOnly(unfinished);
    files.keepOnly(unfinished);
    parts.keepOnly(unfinished.stream().map(TaskContainer::id).collect(Collectors.toSet()));
    loop.start(assigned, adoptable(assigned));
    this.watches =
        List.of(
            ContainerdWatch.start(settings.health(), runtime::answers),
            settings.health().condition("managers", false, this::noManager),
            OwnerThread.named(settings.health(), "hanse-illness")
                .virtual()
                .every(HEALTH_LOOK, this::lookAtHealth)
                .start(),
            Leftovers.start(settings.health(), () -> steps.giveBackLeftovers(loop::workloadIds)));
  }

  private void lookAtHealth() {
    HealthReport report = settings.health().report();
    synchronized (illness) {
      Optional<String> news = illness.look(report, LivedTime.ofProcess().now());
      ManagerClient present = client;
      if (news.isPresent()) {
        LOG.warn("this node is {}", news.get().isEmpty() ? "healthy" : "unhealthy: " + news.get());
        if (present != null) {
          present.announceIllness(news.get());
        }
      }
    }
  }

  /** Not under the lock: who asks for the node's health does not wait. */
  private Optional<String> noManager() {
    ManagerClient present = client;
    return present != null && present.sessionId().isEmpty()
        ? Optional.of("no manager serves this node")
        : Optional.empty();
  }

  /** The containers of assigned workloads; all others are leftovers. */
  private Map<String, ContainerView> adoptable(Collection<Workload> assigned) {
    Set<String> present = steps.containerIds();
    Map<String, ContainerView> views = new HashMap<>();
    for (Workload workload : assigned) {
      String containerId = TaskContainer.id(workload.id());
      if (present.contains(containerId)) {
        views.put(containerId, steps.observe(workload));
      }
    }
    return views;
  }

  /**
   * Starts the agent: adopts the containers of tasks assigned before, removes those of others.
   *
   * @param runtime where the containers are; stays the caller's to close, after the agent
   * @param networks makes the tasks' networks; likewise
   * @throws IOException when the data or run directory cannot be used
   * @throws RuntimeFault when the containers cannot be listed
   */
  public static Agent start(AgentSettings settings, ContainerRuntime runtime, TaskNetworks networks)
      throws IOException, InterruptedException {
    return new Agent(settings, runtime, networks);
  }

  /**
   * Begins to serve the managers of a swarm and to gossip with its nodes; an earlier membership's
   * session ends.
   *
   * @param gossip this node among those that gossip
   */
  public synchronized void join(Membership membership, GossipIdentity gossip) {
    join(membership.telling(new SessionGossip(this.gossip, gossip)::accept));
  }

  /** As above, without gossip. */
  public synchronized void join(Membership membership) {
    endSession();
    managers.add(membership.managers());
    ManagerClient fresh =
        new ManagerClient(
            settings.health(),
            membership,
            managers,
            () -> description().toBuilder().setTlsInfo(membership.trust().get()).build(),
            reports,
            loop::assigned,
            new NodeAnswers(new TaskLogServer(loop::workloads, logs), () -> engine.open()),
            new SecureRandom());
    synchronized (illness) {
      fresh.announceIllness(illness.told());
      client = fresh;
    }
    fresh.start();
  }

  /**
   * Ends the membership for good: the tasks' containers are stopped and removed, what was assigned
   * is forgotten, the managers too. Returns when that is done.
   */
  public void leave() throws InterruptedException {
    synchronized (this) {
      endSession();
      gossip.leave();
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.tell(new AgentMessage.LeaveSwarm(done));
    try {
      done.get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("leaving never fails, it waits", impossible);
    }
    managers.clear();
  }

  /**
   * The machine goes down: the managers are told, which take the tasks out of the balance and from
   * this node; what they do not stop in {@link #OWN_MOVE_AFTER} is stopped all the same. Every task
   * gets its stop signal and its grace period. The node takes no task again until the daemon is
   * started anew.
   *
   * @param limit returns then at the latest
   * @return how many tasks have not ended by then
   */
  public int shutDown(Duration limit) throws InterruptedException {
    long began = System.nanoTime();
    LOG.info("the machine is shutting down: stopping {} tasks", unended());
    synchronized (this) {
      ManagerClient present = client;
      if (present != null) {
        present.announceLeaving();
      }
    }
    boolean ownMove = false;
    while (unended() > 0 && System.nanoTime() - began < limit.toNanos()) {
      boolean alone = client == null || System.nanoTime() - began > OWN_MOVE_AFTER.toNanos();
      if (alone && !ownMove) {
        ownMove = true;
        loop.tell(new AgentMessage.ShutDown());
      }
      Thread.sleep(SHUT_DOWN_POLL);
    }
    if (!ownMove) {
      loop.tell(new AgentMessage.ShutDown()); // Nothing begins any more.
    }
    int left = unended();
    LOG.info("the machine is shutting down: {} tasks are still running", left);
    return left;
  }

  private int unended() {
    return (int)
        loop.workloads().stream()
            .filter(each -> !TaskMachine.isEnded(each.workload().status().state()))
            .count();
  }

  private void endSession() {
    ManagerClient present = client;
    client = null;
    if (present != null) {
      present.close();
    }
  }

  /** Ends the present session and begins another: the certificate or the description changed. */
  public synchronized void reconnect() {
    ManagerClient present = client;
    if (present != null) {
      present.reconnect();
    }
  }

  /** Where managers may be, besides those known; tried at once if there is no session now. */
  public synchronized void seekManagers(List<String> addresses) {
    managers.prefer(addresses);
    if (!isConnected()) {
      reconnect();
    }
  }

  /** On the gossip's thread, which must not wait for a session that is being ended. */
  private void managerReturned(String address) {
    ManagerClient present = client;
    if (present != null) {
      present.managerReturned(address);
    }
  }

  /** Is there a session with a manager now? */
  public synchronized boolean isConnected() {
    ManagerClient present = client;
    return present != null && present.sessionId().isPresent();
  }

  /** The managers known so far are gone for good; those of the next membership are others. */
  public void forgetManagers() {
    managers.clear();
  }

  /** What the nodes of the swarm find out about each other. */
  public GossipLoop gossip() {
    return gossip;
  }

  /** Addresses of the managers that this node knows. */
  public List<String> managers() {
    return managers.all();
  }

  /** The workloads on this node, by id. */
  public List<NodeWorkload> workloads() {
    return loop.workloads().stream()
        .sorted(Comparator.comparing((NodeWorkload each) -> each.workload().id()))
        .toList();
  }

  /** The workload of a container; empty for one that belongs to none. */
  public Optional<NodeWorkload> workloadOfContainer(String containerId) {
    return loop.workloads().stream()
        .filter(each -> each.containerId().equals(Optional.of(containerId)))
        .findFirst();
  }

  /** What a workload's container is made of: its specification with the templates filled in. */
  public ContainerSpec specification(Workload workload) {
    return steps.specification(workload);
  }

  /** Where a workload's container lives on this node. */
  public ContainerPlace place(Workload workload) {
    return steps.place(workload);
  }

  /** The local volumes. */
  public Volumes volumes() {
    return volumes;
  }

  /** Where managers' calls to this node's engine go from now on. */
  public void answerAt(EngineDoor door) {
    engine = door;
  }

  /** The containers' logs. */
  public LogStore logs() {
    return logs;
  }

  /** The probes of containers, those of tasks and any other that is asked to be watched. */
  public HealthMonitor health() {
    return steps.health();
  }

  /** For tests, which make trouble in it. */
  AgentLoop loop() {
    return loop;
  }

  /** What the managers are told about this node, without its certificate's data. */
  public NodeDescription description() {
    return HostDescription.describe(settings).toBuilder()
        .addAllForeignSubnets(networks.foreignSubnets())
        .build();
  }

  /** Ends the session and says so in the gossip; the containers go on. */
  @Override
  public synchronized void close() {
    endSession();
    gossip.close();
    Stream.concat(watches.stream(), Stream.of(events)).forEach(Agent::closeQuietly);
    loop.close();
    steps.close();
    // What is read is written; what is not stays in the pipes, for the next daemon.
    runtime.containers().endOutput();
    logs.close();
  }

  private static void closeQuietly(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception failure) {
      LOG.warn("could not close {}: {}", part.getClass().getSimpleName(), failure.getMessage());
    }
  }
}
