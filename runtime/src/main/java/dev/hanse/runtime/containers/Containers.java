package dev.hanse.runtime.containers;

import dev.hanse.containerd.containers.Container;
import dev.hanse.containerd.containers.CreateContainerRequest;
import dev.hanse.containerd.task.Process;
import dev.hanse.containerd.task.Status;
import dev.hanse.containerd.types.Mount;
import dev.hanse.kernel.file.DirectoryHandle;
import dev.hanse.kernel.pipe.Pipes;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.RuntimeSettings;
import dev.hanse.runtime.confinement.AppArmor;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.ContainerdProcess;
import dev.hanse.runtime.containerd.Faults;
import dev.hanse.runtime.images.ImageRootfs;
import dev.hanse.runtime.images.Images;
import dev.hanse.runtime.process.ExecProcess;
import dev.hanse.runtime.process.ExecSettings;
import dev.hanse.runtime.process.ExitStatus;
import dev.hanse.runtime.process.OutputListener;
import dev.hanse.runtime.process.OutputThread;
import dev.hanse.runtime.process.PipeInput;
import dev.hanse.runtime.process.ProcessInput;
import dev.hanse.runtime.process.Signals;
import dev.hanse.runtime.process.StandardStreams;
import dev.hanse.runtime.spec.ContainerSettings;
import dev.hanse.runtime.spec.HostFacts;
import dev.hanse.runtime.spec.MountTree;
import dev.hanse.runtime.spec.ResourceLimits;
import dev.hanse.runtime.spec.ResourceSpec;
import dev.hanse.text.Form;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The containers of this node. Safe for use by many threads; calls block, so make them from virtual
 * threads. Faults are {@link RuntimeFault}: NO_SUCH_CONTAINER, CONFLICT, INVALID, …
 */
public final class Containers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Containers.class);
  private static final String INITIAL_FILES = "images";
  private static final int ID_LENGTH_MAX = 76;
  private static final Form ID = Form.of("[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*", ID_LENGTH_MAX);
  private static final Duration KILL_TIMEOUT = Duration.ofSeconds(20);

  private final ContainerdClient client;
  private final Images images;
  private final Path directory;
  private final AppArmor appArmor;
  private final HostFacts facts;
  private final Pipes pipes;
  private final ContainerRecords records;
  private final WritableLayers layers;
  private final TaskControl control;
  private final ContainerEvents events;
  private final MountTrees mounts;
  private final TaskRuns runs;
  private final Execs execs;
  private final Map<String, LiveContainer> live = new ConcurrentHashMap<>();
  private final EventFeed feed;

  private Containers(
      ContainerdProcess process,
      ContainerdClient client,
      Images images,
      RuntimeSettings settings,
      AppArmor appArmor) {
    this.client = client;
    this.appArmor = appArmor;
    this.facts = HostFacts.read(appArmor.isReady());
    this.images = images;
    this.pipes = Pipes.start(new OutputThread(settings.health()));
    this.events = new ContainerEvents(settings.health());
    this.directory = settings.execDirectory().toAbsolutePath().resolve("io");
    clearInitialFiles();
    this.records = new ContainerRecords(client);
    this.layers = new WritableLayers(client);
    this.control = new TaskControl(client, records);
    this.mounts = new MountTrees(settings.execDirectory().toAbsolutePath().resolve("mounts"));
    mounts.clear();
    this.runs = new TaskRuns(client, records, layers, mounts, events, facts.cgroupVersion());
    this.execs = new Execs(client, images, pipes, facts, appArmor);
    this.feed =
        EventFeed.open(
            settings.health(), process, client, settings.namespace(), new ExitReceiver(live, runs));
  }

  private void clearInitialFiles() {
    try {
      InitialFiles.clear(directory.resolve(INITIAL_FILES));
    } catch (IOException failure) {
      LOG.warn("clearing {}: {}", directory.resolve(INITIAL_FILES), failure.getMessage());
    }
  }

  /** The containers in the client's namespace; begins to listen to containerd's events. */
  public static Containers open(
      ContainerdProcess process,
      ContainerdClient client,
      Images images,
      RuntimeSettings settings,
      AppArmor appArmor) {
    return new Containers(process, client, images, settings, appArmor);
  }

  /**
   * Makes the container's file system and record; nothing runs yet.
   *
   * @return its state
   */
  public ContainerState create(ContainerSettings settings) {
    if (!ID.fits(settings.id())) {
      throw new RuntimeFault(RuntimeFault.Kind.INVALID, "invalid container id: " + settings.id());
    }
    ImageRootfs image = images.rootfs(settings.imageId());
    Container container =
        NewRecord.of(
            settings,
            image,
            facts,
            MountTree.of(settings, image, facts, mounts.places(settings.id())));
    try {
      // The record first: it refers to the snapshot, so that garbage collection leaves it alone.
      Container made =
          client
              .calls()
              .containers()
              .create(CreateContainerRequest.newBuilder().setContainer(container).build())
              .getContainer();
      var created = new LiveContainer(settings.id(), made.getLabelsMap());
      created.rootfs(prepare(settings.id(), image));
      live.put(settings.id(), created);
      events.publish(new ContainerEvent.Created(settings.id(), Instant.now()));
      return ContainerRecords.state(made, Optional.empty());
    } catch (StatusRuntimeException failure) {
      if (Faults.isAlreadyExists(failure)) {
        throw new RuntimeFault(
            RuntimeFault.Kind.CONFLICT, "container " + settings.id() + " exists", failure);
      }
      throw Faults.of("creating container " + settings.id(), failure);
    }
  }

  private List<Mount> prepare(String id, ImageRootfs image) {
    try {
      return layers.prepare(id, image.chainId());
    } catch (RuntimeFault failure) {
      records.delete(id);
      throw failure;
    }
  }

  /**
   * Starts its process. A container that has ended may be started again.
   *
   * @param output told of everything that this run writes
   * @return process id as the host numbers it
   * @throws RuntimeFault COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, START_FAILED, CONFLICT if it
   *     runs
   */
  public int start(String id, OutputListener output) {
    LiveContainer container = live(id);
    container.lock.lock();
    try {
      if (container.isRunning()) {
        throw new RuntimeFault(RuntimeFault.Kind.CONFLICT, "container " + id + " runs already");
      }
      runs.clear(container);
      if (container.needsProfile()) {
        appArmor.ensureLoaded();
      }
      StandardStreams streams =
          StandardStreams.create(
              pipes, directory.resolve(id), "", container.terminal(), container.stdin(), output);
      return runs.start(container, streams);
    } finally {
      container.lock.unlock();
    }
  }

  /**
   * Takes over a container that an earlier run of the daemon started: its output is read again from
   * where it stopped, and its exit is reported (at once, if it has ended meanwhile).
   */
  public ContainerState adopt(String id, OutputListener output) {
    LiveContainer container = live(id);
    container.lock.lock();
    try {
      Optional<Process> process = records.process(id, "");
      if (process.isPresent() && container.run().isEmpty()) {
        StandardStreams streams =
            StandardStreams.reopen(
                pipes, directory.resolve(id), "", container.terminal(), container.stdin(), output);
        boolean ended = process.get().getStatus() == Status.STOPPED;
        int processId = process.get().getPid();
        LiveContainer.Run run = LiveContainer.Run.of(streams, streamsMade(id));
        container.run(
            ContainerRecords.isKnown(processId)
                ? run.with(
                    processId, ended ? Optional.empty() : ContainerRecords.processStart(processId))
                : run);
        container.paused(process.get().getStatus() == Status.PAUSED);
      }
    } finally {
      container.lock.unlock();
    }
    // Only now: an exit between the look and the registration would have been lost.
    ContainerState state = find(id).orElseThrow(() -> ContainerRecords.noSuchContainer(id));
    if (state.phase() == ContainerState.Phase.EXITED) {
      Optional<Integer> processId = container.run().flatMap(LiveContainer.Run::processId);
      if (processId.isPresent()) {
        state
            .exit()
            .ifPresent(
                exit -> runs.exited(container, processId.get(), exit.code(), exit.exitedAt()));
      }
    }
    return state;
  }

  /** The pipes of a run are made right before it starts. */
  private Instant streamsMade(String id) {
    try {
      return Files.getLastModifiedTime(directory.resolve(id)).toInstant();
    } catch (IOException gone) {
      return Instant.now();
    }
  }

  /** Uses a file tree; what it is given is only there during the call. */
  @FunctionalInterface
  public interface FileTree {
    /** Reads below the root. */
    void use(DirectoryHandle root) throws IOException;
  }

  /**
   * Shows the files that a container begins with, those of its image, for the time of the call.
   *
   * @throws RuntimeFault NO_SUCH_CONTAINER
   */
  public void withInitialFiles(String id, FileTree tree) throws IOException {
    InitialFiles.use(runs.rootfs(live(id)), directory.resolve(INITIAL_FILES), tree);
  }

  /** One container as it is now. */
  public Optional<ContainerState> find(String id) {
    return records.state(id).map(this::completed);
  }

  /** What containerd has not told of a container that runs, since its shim has not answered. */
  private ContainerState completed(ContainerState state) {
    if (state.phase() != ContainerState.Phase.RUNNING || state.processId().isPresent()) {
      return state;
    }
    LiveContainer known = live.get(state.id());
    return known == null
        ? state
        : known.run().map(run -> state.running(run.processId(), run.startedAt())).orElse(state);
  }

  /**
   * What keeps it in.
   *
   * @throws RuntimeFault NO_SUCH_CONTAINER
   */
  public Confinement confinement(String id) {
    return Confinement.of(ContainerRecords.specification(records.require(id)));
  }

  /** What this host offers to keep containers in. */
  public HostFacts facts() {
    return facts;
  }

  /** All containers that have these labels. */
  public List<ContainerState> list(Map<String, String> labels) {
    return records.all().stream()
        .map(this::state)
        .filter(state -> state.labels().entrySet().containsAll(labels.entrySet()))
        .toList();
  }

  /**
   * containerd is asked only for what is not known: it asks the shim in turn, and waits for two
   * seconds if that stands still.
   */
  private ContainerState state(Container record) {
    LiveContainer known = live.get(record.getId());
    if (known != null) {
      Optional<LiveContainer.Run> run =
          known.run().filter(present -> !present.isOver() && present.processId().isPresent());
      if (run.isPresent()) {
        return ContainerRecords.state(record, run.get(), known.isPaused());
      }
    }
    return completed(records.state(record));
  }

  /**
   * The ids of all containers of which there is anything: a record, a process, a file system that
   * can be written, FIFOs. {@link #delete} removes each. Names of other things may be among them.
   */
  public Set<String> traces() throws IOException {
    Set<String> traces = new TreeSet<>(layers.present());
    traces.addAll(records.processes().keySet());
    list(Map.of()).forEach(container -> traces.add(container.id()));
    if (Files.isDirectory(directory)) {
      try (Stream<Path> entries = Files.list(directory)) {
        entries.forEach(entry -> traces.add(String.valueOf(entry.getFileName())));
      }
      traces.remove(INITIAL_FILES);
    }
    return traces;
  }

  /** Completes when the present run ends; at once if it has ended. */
  public CompletableFuture<ExitStatus> exit(String id) {
    LiveContainer container = live(id);
    Optional<LiveContainer.Run> run = container.run();
    if (run.isPresent()) {
      return run.get().exit().copy();
    }
    ContainerState state = find(id).orElseThrow(() -> ContainerRecords.noSuchContainer(id));
    return CompletableFuture.completedFuture(
        state.exit().orElseThrow(() -> ContainerRecords.notRunning(id)));
  }

  /** Sends a signal to its process 1. CONFLICT if it does not run. */
  public void kill(String id, int signal) {
    control.signal(id, signal);
    LiveContainer container = live.get(id);
    if (container != null && container.isPaused()) {
      thaw(container);
    }
  }

  /** Frozen processes take no signal, with some kernels not even to die; Docker does the same. */
  private void thaw(LiveContainer container) {
    try {
      resume(container.id());
    } catch (RuntimeFault ended) {
      LOG.debug("container {} was frozen and has ended", container.id(), ended);
    }
  }

  /**
   * Sends the stop signal, waits, and kills what still runs.
   *
   * @param grace how long the process may take to end by itself
   * @return how it ended; at once if it does not run
   */
  public ExitStatus stop(String id, Duration grace) {
    LiveContainer container = live(id);
    CompletableFuture<ExitStatus> exit = exit(id);
    signalIfRunning(id, container.stopSignal());
    try {
      return exit.get(grace.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException stubborn) {
      signalIfRunning(id, Signals.KILL);
      return await(exit, "the end of container " + id);
    } catch (InterruptedException | ExecutionException failure) {
      throw awaitFault("the end of container " + id, failure);
    }
  }

  private void signalIfRunning(String id, int signal) {
    try {
      kill(id, signal);
    } catch (RuntimeFault fault) {
      if (fault.kind() != RuntimeFault.Kind.CONFLICT) {
        throw fault;
      }
    }
  }

  private static <T> T await(CompletableFuture<T> future, String what) {
    try {
      return future.get(KILL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException failure) {
      throw awaitFault(what, failure);
    }
  }

  private static RuntimeFault awaitFault(String what, Exception failure) {
    if (failure instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    return new RuntimeFault(RuntimeFault.Kind.INTERNAL, "waiting for " + what, failure);
  }

  /** Kills it if it runs and removes it with everything it owns. Does nothing if it is gone. */
  public void delete(String id) {
    Optional<Container> record = records.record(id);
    LiveContainer container =
        record
            .map(found -> live(id, found))
            .orElseGet(() -> live.getOrDefault(id, new LiveContainer(id, Map.of())));
    Optional<LiveContainer.Run> run = container.run();
    if (run.isPresent() && !run.get().isOver()) {
      signalIfRunning(id, Signals.KILL);
      await(run.get().exit(), "the end of container " + id);
    }
    run.ifPresent(over -> await(over.released(), "the release of container " + id));
    container.lock.lock();
    try {
      if (run.isEmpty()) {
        runs.removeUnknown(id);
      } else {
        runs.clear(container);
      }
      runs.removeFiles(container, directory.resolve(id), record.isPresent());
      live.remove(id);
      record.ifPresent(
          gone ->
              events.publish(new ContainerEvent.Removed(id, UserLabels.of(gone), Instant.now())));
    } finally {
      container.lock.unlock();
    }
  }

  /** Freezes its processes. */
  public void pause(String id) {
    control.pause(id);
    live(id).paused(true);
    events.publish(new ContainerEvent.Paused(id, Instant.now()));
  }

  /** Lets its processes go on. */
  public void resume(String id) {
    control.resume(id);
    live(id).paused(false);
    events.publish(new ContainerEvent.Resumed(id, Instant.now()));
  }

  /** Sets the size of its terminal in characters. */
  public void resize(String id, int width, int height) {
    control.resize(id, width, height);
  }

  /** Adds one more listener to its output from now on; close the result to leave. */
  public AutoCloseable attach(String id, OutputListener output) {
    return live(id)
        .run()
        .orElseThrow(() -> ContainerRecords.notRunning(id))
        .streams()
        .attach(output);
  }

  /**
   * Reads no output any more, of no container: what is written from now on is for the next daemon.
   * Every listener has been told of its end when this returns.
   */
  public void endOutput() {
    pipes.close();
  }

  /** Its standard input; CONFLICT if it was made without one. Closing it is the end of input. */
  public ProcessInput input(String id) {
    StandardStreams streams =
        live(id)
            .run()
            .filter(run -> !run.isOver())
            .orElseThrow(() -> ContainerRecords.notRunning(id))
            .streams();
    return new PipeInput(streams.input(), () -> control.endInput(id));
  }

  /** Starts one more process in a running container. */
  public ExecProcess exec(String id, ExecSettings settings, OutputListener output) {
    Container record = records.require(id);
    LiveContainer container = live(id, record);
    if (!container.isRunning()) {
      throw ContainerRecords.notRunning(id);
    }
    return execs.start(container, record, directory.resolve(id), settings, output);
  }

  /** Its processes, as the host numbers them. */
  public List<Integer> processIds(String id) {
    return control.processIds(id);
  }

  /** What it has used so far. CONFLICT if it does not run. */
  public ContainerStatistics statistics(String id) {
    LiveContainer container = live(id);
    int processId =
        container
            .run()
            .filter(run -> !run.isOver())
            .flatMap(LiveContainer.Run::processId)
            .or(() -> runningProcess(id))
            .orElseThrow(() -> ContainerRecords.notRunning(id));
    return new StatisticsReader(container.controlGroup(facts.cgroupVersion())).read(processId);
  }

  /** Bytes on disk of what it has written over its image. Looks at every file. */
  public long writtenBytes(String id) {
    return layers.writtenBytes(id);
  }

  private Optional<Integer> runningProcess(String id) {
    return records
        .process(id, "")
        .filter(process -> process.getStatus() != Status.STOPPED)
        .map(Process::getPid);
  }

  /** Changes the limits of a running container. */
  public void update(String id, ResourceLimits limits) {
    control.update(id, ResourceSpec.of(limits, facts));
  }

  /** Tells of everything that happens from now on; close the result to leave. */
  public AutoCloseable subscribe(ContainerEvent.Listener listener) {
    return events.subscribe(listener);
  }

  private LiveContainer live(String id) {
    LiveContainer known = live.get(id);
    return known != null ? known : live(id, records.require(id));
  }

  private LiveContainer live(String id, Container record) {
    return live.computeIfAbsent(id, key -> new LiveContainer(key, record.getLabelsMap()));
  }

  /** Stops listening; containers go on running. */
  @Override
  public void close() {
    feed.close();
    pipes.close();
    events.close();
  }
}
