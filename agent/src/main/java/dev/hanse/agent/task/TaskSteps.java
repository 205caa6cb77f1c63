package dev.hanse.agent.task;

import dev.hanse.agent.log.ContainerLog;
import dev.hanse.agent.log.LogOptions;
import dev.hanse.agent.log.LogStore;
import dev.hanse.agent.mount.ContainerMounts;
import dev.hanse.agent.mount.MountException;
import dev.hanse.agent.mount.TaskFile;
import dev.hanse.agent.mount.TaskFiles;
import dev.hanse.agent.mount.VolumeParts;
import dev.hanse.agent.network.TaskNetwork;
import dev.hanse.agent.network.TaskNetworkException;
import dev.hanse.agent.network.TaskNetworks;
import dev.hanse.agent.task.ContainerView.Absent;
import dev.hanse.agent.task.ContainerView.Created;
import dev.hanse.agent.task.ContainerView.Exited;
import dev.hanse.agent.task.ContainerView.Running;
import dev.hanse.agent.volume.LocalVolume;
import dev.hanse.agent.volume.Volumes;
import dev.hanse.agent.workload.Workload;
import dev.hanse.health.Health;
import dev.hanse.kernel.file.DirectoryHandle;
import dev.hanse.kernel.file.Links;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Driver;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.PortConfig;
import dev.hanse.network.LocalTask;
import dev.hanse.runtime.ContainerRuntime;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containers.ContainerState;
import dev.hanse.runtime.containers.Containers;
import dev.hanse.runtime.images.Image;
import dev.hanse.runtime.process.ExitStatus;
import dev.hanse.runtime.spec.ContainerMount;
import dev.hanse.runtime.spec.ContainerSettings;
import dev.hanse.runtime.spec.ContainerSettingsBuilder;
import dev.hanse.runtime.spec.NetworkPlace;
import dev.hanse.runtime.spec.SecuritySettings;
import dev.hanse.text.template.TemplateFault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Performs the steps of tasks' lives. Each call blocks and may come from any (virtual) thread; of
 * one task there is never more than one step at a time. Decides nothing: see {@link TaskMachine}.
 */
public final class TaskSteps implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TaskSteps.class);
  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final String ATTACHMENT_GROUP = "shim-group";

  private final Containers containers;
  private final ImageSupply images;
  private final TaskNetworks networks;
  private final Volumes volumes;
  private final VolumeParts parts;
  private final LogStore logs;
  private final TaskFiles files;
  private final Dependencies dependencies;
  private final Supplier<NodeDescription> node;
  private final HealthMonitor health;
  private final HostFilesOfTask hostFiles;
  private final Probes probes;
  private final ShimGroups groups = new ShimGroups();
  private final Map<String, TaskNetwork> attached = new ConcurrentHashMap<>();
  private final Set<String> watched = ConcurrentHashMap.newKeySet();

  private final Holdings holdings;

  // Making and starting a container is mostly processor time of runc and the shim.
  private final HeavyWork heavy;

  /**
   * With everything that steps need.
   *
   * @param ofNode the node's health, which the thread of the probes reports to
   * @param processors how many this host has
   * @param healthChanged told of a task's id and its container's new health, on another thread
   */
  public TaskSteps(
      Health ofNode,
      ContainerRuntime runtime,
      TaskNetworks networks,
      Volumes volumes,
      VolumeParts parts,
      LogStore logs,
      TaskFiles files,
      Dependencies dependencies,
      Supplier<NodeDescription> node,
      int processors,
      BiConsumer<String, HealthStatus> healthChanged) {
    this.containers = runtime.containers();
    this.images = new ImageSupply(runtime.images());
    this.networks = networks;
    this.volumes = volumes;
    this.parts = parts;
    this.logs = logs;
    this.files = files;
    this.dependencies = dependencies;
    this.node = node;
    this.health = new HealthMonitor(ofNode, containers);
    this.hostFiles = new HostFilesOfTask(files, node);
    this.probes = new Probes(health, containers, images, healthChanged);
    this.heavy = new HeavyWork(Math.max(2, processors));
    this.holdings =
        new Holdings()
            .ofTask("network", Holdings.Until.ITS_END, networks::holders, networks::detach)
            .ofTask("files", Holdings.Until.ITS_END, files::present, files::remove)
            .ofContainer("parts of volumes", Holdings.Until.ITS_END, parts::present, parts::remove)
            .ofContainer(
                "container", Holdings.Until.ITS_REMOVAL, containers::traces, this::deleteContainer)
            .ofContainer("log", Holdings.Until.ITS_REMOVAL, logs::present, logs::remove)
            .ofContainer(
                "volumes",
                Holdings.Until.ITS_REMOVAL,
                volumes::users,
                containerId -> volumes.release(containerId, true))
            .ofContainer(
                "place in a shim's group",
                Holdings.Until.ITS_REMOVAL,
                groups::present,
                groups::leave);
  }

  /** The probes' results. */
  public HealthMonitor health() {
    return health;
  }

  /**
   * Performs a step. An interrupt breaks it off where it waits (for an image, its turn, another
   * loop), never inside a call that takes something: see {@link Unbroken}. What it has made by then
   * is found again by the next one.
   */
  public StepOutcome perform(TaskLife life, Step step) throws InterruptedException {
    try {
      return switch (step) {
        case PREPARE -> prepare(life);
        case START -> start(life);
        case ADOPT -> adopt(life);
        case STOP -> StepOutcome.success(stop(life), life.held());
        case RELEASE -> StepOutcome.success(release(life), false);
        case REMOVE -> StepOutcome.success(remove(life), false);
      };
    } catch (StepException
        | MountException
        | TaskNetworkException
        | TemplateFault
        | IOException
        | IllegalArgumentException
        | RuntimeFault fault) {
      if (Thread.currentThread().isInterrupted()) {
        throw interrupted(fault);
      }
      return isPassing(fault)
          ? retry(life, fault)
          : failure(life, step, String.valueOf(fault.getMessage()));
    }
  }

  private static boolean isPassing(Exception fault) {
    return switch (fault) {
      case RuntimeFault known -> known.kind() == RuntimeFault.Kind.UNAVAILABLE;
      case TaskNetworkException known -> known.isPassing();
      default -> false;
    };
  }

  private static InterruptedException interrupted(Exception fault) {
    Thread.interrupted();
    InterruptedException result = new InterruptedException("broken off");
    result.initCause(fault);
    return result;
  }

  /** For a step that died of a fault of ours. */
  public StepOutcome unexpected(TaskLife life, Step step, String message) {
    return failure(life, step, message);
  }

  /** Only PREPARE and START can fail for good; the others are repeated until they succeed. */
  private StepOutcome failure(TaskLife life, Step step, String message) {
    return switch (step) {
      case PREPARE -> StepOutcome.failed(view(life), message);
      case START -> StepOutcome.failed(view(life), "starting container failed: " + message);
      case ADOPT, STOP, RELEASE, REMOVE ->
          StepOutcome.again(life.container(), life.held(), message);
    };
  }

  private static StepOutcome retry(TaskLife life, Exception fault) {
    return StepOutcome.again(life.container(), life.held(), String.valueOf(fault.getMessage()));
  }

  /** A workload's container as the runtime has it now, not watched yet. */
  public ContainerView observe(Workload workload) {
    return containers
        .find(TaskContainer.id(workload.id()))
        .map(state -> viewOf(state, workload.family()))
        .orElseGet(Absent::new);
  }

  /**
   * As its container is made of it: templates filled in, assigned resources among the variables.
   */
  public ContainerSpec specification(Workload workload) {
    try {
      ContainerSpec spec = filled(workload);
      return spec.toBuilder()
          .clearEnv()
          .addAllEnv(TaskContainer.environment(workload, spec))
          .build();
    } catch (StepException | TemplateFault never) {
      return workload.settings(); // There is no container either.
    }
  }

  /** Where a workload's container lives. */
  public ContainerPlace place(Workload workload) {
    String containerId = TaskContainer.id(workload.id());
    Optional<TaskNetwork> network = Optional.ofNullable(attached.get(workload.id()));
    boolean onHost =
        LocalTask.asked(workload.attachments(), workload.ports()) instanceof LocalTask.Asked.Host;
    boolean kept = !workload.logDriver().getName().equals("none");
    String hostname = hostFiles.hostname(containerId, specification(workload), onHost);
    try {
      ContainerSettings.HostFiles paths = hostFiles.paths(workload.id());
      return new ContainerPlace(
          hostname,
          network.flatMap(TaskNetwork::namespace),
          network.flatMap(TaskNetwork::egressAddress),
          paths.hosts().filter(Files::exists),
          paths.hostname().filter(Files::exists),
          paths.resolver().filter(Files::exists),
          kept ? logs.place(containerId) : Optional.empty());
    } catch (IOException noSuchId) {
      return new ContainerPlace(
          hostname,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());
    }
  }

  /** The ids of all containers, those that belong to nothing any more included. */
  public Set<String> containerIds() {
    return containers.list(Map.of()).stream().map(ContainerState::id).collect(Collectors.toSet());
  }

  private ContainerView view(TaskLife life) {
    try {
      return observe(life.workload());
    } catch (RuntimeFault fault) {
      LOG.warn("could not look at container {}: {}", life.containerId(), fault.getMessage());
      return life.container();
    }
  }

  private ContainerView viewOf(ContainerState state, String family) {
    byte[] group = state.attachments().get(ATTACHMENT_GROUP);
    if (group != null) {
      groups.adopt(state.id(), family, new String(group, StandardCharsets.UTF_8));
    }
    return switch (state.phase()) {
      case CREATED -> new Created();
      case RUNNING, PAUSED -> new Running(state.processId().orElse(0), HealthStatus.NONE, false);
      case EXITED -> exited(state.exit());
    };
  }

  private static Exited exited(Optional<ExitStatus> exit) {
    // Without a record (the host was restarted) Docker says 255 too.
    return exit.map(status -> new Exited(status.code(), status.outOfMemory(), HealthStatus.NONE))
        .orElseGet(() -> new Exited(255, false, HealthStatus.NONE));
  }

  private StepOutcome prepare(TaskLife life)
      throws StepException,
          MountException,
          TaskNetworkException,
          TemplateFault,
          IOException,
          InterruptedException {
    Workload workload = life.workload();
    ContainerSpec spec = filled(workload);
    LogOptions.of(workload.logDriver().getName(), workload.logDriver().getOptionsMap());
    SecuritySettings security = TaskPrivileges.of(spec);
    Image image = images.supply(spec.getImage(), spec.getPullOptions().getRegistryAuth());
    ContainerMounts.Prepared mounts =
        Unbroken.<ContainerMounts.Prepared, MountException, IOException>call(
            () ->
                new ContainerMounts(volumes, parts)
                    .prepare(life.containerId(), spec.getMountsList(), image.config().volumes()));
    TaskNetwork network = networks.attach(workload);
    attached.put(workload.id(), network);
    String group = groups.join(life.containerId(), workload.family());
    DependencyFiles dependencyFiles = new DependencyFiles(workload, spec, node.get(), dependencies);
    List<TaskFile> own = new ArrayList<>(hostFiles.files(life, spec, network));
    own.addAll(dependencyFiles.files());
    Unbroken.call(
        () -> {
          files.write(workload.id(), own);
          return own;
        });
    List<ContainerMount> allMounts = new ArrayList<>(mounts.mounts());
    allMounts.addAll(dependencyFiles.mounts(files));
    ContainerSettingsBuilder settings =
        TaskContainer.settings(workload, spec, life.containerId(), image.id())
            .security(security)
            .mounts(allMounts)
            .network(
                network
                    .namespace()
                    .<NetworkPlace>map(NetworkPlace.Joined::new)
                    .orElseGet(NetworkPlace.Host::new))
            .hostFiles(hostFiles.paths(life.id()))
            .shimGroup(group)
            .attachments(Map.of(ATTACHMENT_GROUP, group.getBytes(StandardCharsets.UTF_8)));
    create(settings.build(), workload.family());
    for (Map.Entry<String, LocalVolume> volume : mounts.toFill().entrySet()) {
      Unbroken.call(
          () -> {
            fill(life.containerId(), volume.getKey(), volume.getValue());
            return volume;
          });
    }
    return StepOutcome.attached(new Created(), network.hostPorts());
  }

  private void fill(String containerId, String target, LocalVolume volume) throws IOException {
    containers.withInitialFiles(
        containerId,
        root -> {
          Optional<DirectoryHandle> found = root.find(target, Links.IN_ROOT);
          if (found.isEmpty()) {
            return;
          }
          try (DirectoryHandle content = found.get()) {
            if (volumes.fillFromImage(volume, content)) {
              LOG.debug("filled volume {} from the image's {}", volume.name(), target);
            }
          }
        });
  }

  private void create(ContainerSettings settings, String family) throws InterruptedException {
    try (HeavyWork.Place _ = heavy.begin(family)) {
      Unbroken.call(() -> containers.create(settings));
    } catch (RuntimeFault fault) {
      if (fault.kind() != RuntimeFault.Kind.CONFLICT) {
        throw fault;
      }
      // Made by an earlier try of this step, maybe by half.
      Unbroken.call(
          () -> {
            containers.delete(settings.id());
            return containers.create(settings);
          });
    }
  }

  private ContainerSpec filled(Workload workload) throws StepException, TemplateFault {
    ContainerSpec asked =
        workload.container().orElseThrow(() -> new StepException("unsupported runtime"));
    return workload.placeholders().isPresent()
        ? TaskTemplates.of(workload.placeholders().get(), node.get()).fill(asked)
        : asked;
  }

  private StepOutcome start(TaskLife life)
      throws StepException, TaskNetworkException, IOException, InterruptedException {
    Workload workload = life.workload();
    Optional<List<PortConfig>> hostPorts = Optional.empty();
    if (!attached.containsKey(workload.id())) {
      TaskNetwork network = networks.attach(workload);
      attached.put(workload.id(), network);
      hostFiles.renew(life, network);
      hostPorts = Optional.of(network.hostPorts());
    }
    try (HeavyWork.Place _ = heavy.begin(workload.family())) {
      int processId =
          Unbroken.call(
              () -> {
                int made = containers.start(life.containerId(), output(life));
                watched.add(life.containerId());
                giveBackParts(life.containerId());
                return made;
              });
      return started(new Running(processId, probes.begin(life, Instant.now()), true), hostPorts);
    } catch (RuntimeFault fault) {
      ContainerView now = view(life);
      // Started by an earlier try whose answer was lost.
      if (fault.kind() == RuntimeFault.Kind.CONFLICT && now instanceof Running) {
        return started(now, hostPorts);
      }
      throw fault;
    }
  }

  /** The container has them now. What cannot be given back yet is when the task is released. */
  private void giveBackParts(String containerId) {
    try {
      parts.remove(containerId);
    } catch (IOException failure) {
      LOG.warn(
          "could not unmount the volume parts of container {} yet: {}",
          containerId,
          failure.getMessage());
    }
  }

  private static StepOutcome started(ContainerView now, Optional<List<PortConfig>> hostPorts) {
    return hostPorts
        .map(ports -> StepOutcome.attached(now, ports))
        .orElseGet(() -> StepOutcome.success(now, true));
  }

  /**
   * For a container of an earlier run of the daemon, and for one whose task's networks or ports
   * have changed.
   */
  private StepOutcome adopt(TaskLife life)
      throws TaskNetworkException, IOException, InterruptedException {
    TaskNetwork network = networks.attach(life.workload());
    hostFiles.renew(life, network);
    attached.put(life.id(), network);
    return StepOutcome.attached(adoptContainer(life), network.hostPorts());
  }

  private ContainerView adoptContainer(TaskLife life) {
    if (watched.contains(life.containerId())) {
      return life.container() instanceof Running running
          ? new Running(running.processId(), running.health(), true)
          : life.container();
    }
    ContainerState state = containers.adopt(life.containerId(), output(life));
    watched.add(life.containerId());
    return switch (state.phase()) {
      case CREATED -> new Created();
      case RUNNING, PAUSED ->
          new Running(
              state.processId().orElse(0),
              probes.begin(life, state.startedAt().orElseGet(Instant::now)),
              true);
      case EXITED -> exited(state.exit());
    };
  }

  /** Reads what a container wrote that has ended while no daemon was there. */
  public void collectOutput(TaskLife life) {
    try {
      containers.adopt(life.containerId(), output(life));
    } catch (RuntimeFault fault) {
      LOG.debug("no output of {}: {}", life.containerId(), fault.getMessage());
    }
  }

  private LogOutput output(TaskLife life) {
    Driver driver = life.workload().logDriver();
    LogOptions options = LogOptions.of(driver.getName(), driver.getOptionsMap());
    ContainerLog log = logs.open(life.containerId(), options);
    return new LogOutput(life.containerId(), log, logs);
  }

  private ContainerView stop(TaskLife life) {
    health.forget(life.containerId());
    HealthStatus last =
        life.container() instanceof Running running ? running.health() : HealthStatus.NONE;
    try {
      if (watched.add(life.containerId())) {
        // Started by an earlier run of the daemon: its exit is only told to who has adopted it.
        ContainerState found = containers.adopt(life.containerId(), output(life));
        if (found.phase() == ContainerState.Phase.CREATED) {
          watched.remove(life.containerId());
          return new Created();
        }
      }
      ExitStatus status = containers.stop(life.containerId(), grace(life.workload().settings()));
      return new Exited(status.code(), status.outOfMemory(), last);
    } catch (RuntimeFault fault) {
      if (fault.kind() == RuntimeFault.Kind.NO_SUCH_CONTAINER) {
        return new Absent();
      }
      throw fault;
    }
  }

  private static Duration grace(ContainerSpec spec) {
    return spec.hasStopGracePeriod()
        ? Duration.ofSeconds(
            spec.getStopGracePeriod().getSeconds(), spec.getStopGracePeriod().getNanos())
        : GRACE;
  }

  private ContainerView release(TaskLife life) throws IOException, InterruptedException {
    health.forget(life.containerId());
    attached.remove(life.id());
    holdings.giveBack(Holdings.Until.ITS_END, life.id());
    if (life.container() instanceof Absent) {
      // Not seen, which is not the same as not there: it may have been made by a broken-off step.
      holdings.giveBack(Holdings.Until.ITS_REMOVAL, life.id());
    }
    return life.container();
  }

  private ContainerView remove(TaskLife life) throws IOException, InterruptedException {
    holdings.giveBack(Holdings.Until.ITS_REMOVAL, life.id());
    return new Absent();
  }

  private void deleteContainer(String containerId) {
    health.forget(containerId);
    watched.remove(containerId);
    containers.delete(containerId);
  }

  /**
   * Gives back what belongs to no task: what a crash has left, or what nobody expects.
   *
   * @param tasks the ids of those there are
   * @return how many things were found
   */
  public int giveBackLeftovers(Supplier<Set<String>> tasks) throws InterruptedException {
    return holdings.giveBackLeftovers(tasks);
  }

  /** Ends the probes; containers go on. */
  @Override
  public void close() {
    health.close();
  }
}
