package dev.hanse.lab;

import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.lab.client.DockerClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A lab that is up: several hosts on this machine, each with a daemon. Everything about it is in
 * files and in the kernel, so any process may open it, use it and take it down. Needs root.
 */
public final class Lab {
  private static final Path TEMPORARY = Path.of(System.getProperty("java.io.tmpdir"));

  private final Directories directories;
  private final String name;

  private Lab(Directories directories, String name) {
    this.directories = directories;
    this.name = name;
  }

  /**
   * Makes a lab: removes what a crash left of an older one with this name, makes the network,
   * starts the daemons and joins them to a swarm as the plan says. When it fails, what was made is
   * removed again.
   *
   * @param progress told in words what is done now
   * @throws LabException when a lab of this name is up, or when a step fails
   */
  public static Lab up(Directories directories, LabPlan plan, Consumer<String> progress) {
    Lab lab = new Lab(directories, plan.name());
    LabState state = lab.reserve(plan, progress);
    try {
      lab.make(state, plan, progress);
      return lab;
    } catch (IOException | RuntimeException failure) {
      Thread.interrupted(); // an interruption ends the making, not the removal
      lab.keepLogs(progress);
      lab.down(progress);
      if (failure instanceof LabException known) {
        throw known;
      }
      throw new LabException("the lab could not be made: " + failure.getMessage(), failure);
    }
  }

  /** The lab of this name if there is one, be it whole or a leftover. */
  public static Optional<Lab> find(Directories directories, String name) {
    return LabState.read(directories.state(name)).map(state -> new Lab(directories, name));
  }

  /** All labs of this machine, by name. */
  public static List<Lab> all(Directories directories) {
    if (!Files.isDirectory(directories.run())) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directories.run())) {
      return entries
          .map(entry -> String.valueOf(entry.getFileName()))
          .sorted(Comparator.naturalOrder())
          .flatMap(name -> find(directories, name).stream())
          .toList();
    } catch (IOException failure) {
      throw new LabException("cannot list " + directories.run(), failure);
    }
  }

  /** The lab's name. */
  public String name() {
    return name;
  }

  /** The hosts in order. */
  public List<HostState> hosts() {
    return state().hosts();
  }

  /**
   * One host.
   *
   * @throws LabException when there is none of this name
   */
  public HostState host(String host) {
    return state().host(host);
  }

  /** The address of this machine on the lab's switch: who connects from here is seen with it. */
  public String machine() {
    return state().machine();
  }

  /** False when a crash interrupted the making of the lab. */
  public boolean complete() {
    return state().complete();
  }

  /** A client of the host's Docker API. */
  public DockerClient docker(String host) {
    return new DockerClient(host(host).socket());
  }

  /**
   * A process builder that runs a command on the host: in its network namespace, with DOCKER_HOST
   * set.
   */
  public ProcessBuilder command(String host, List<String> command) {
    HostState state = host(host);
    List<String> all = new ArrayList<>(List.of("nsenter", "--net=" + state.namespace(), "--"));
    all.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(all);
    builder.environment().put("DOCKER_HOST", state.dockerHost());
    return builder;
  }

  /** Kills the daemon with SIGKILL; its containers go on. */
  public void kill(String host) {
    HostState state = host(host);
    state.daemon().ifPresent(process -> Daemon.kill(state, process));
    update(state.withDaemon(Optional.empty()));
  }

  /** Stops the daemon in an orderly way; its containers go on. */
  public void stop(String host) {
    stop(host, Daemon.STOP_LIMIT);
  }

  /** As {@link #stop(String)}, with patience for so long. */
  void stop(String host, Duration limit) {
    HostState state = host(host);
    state.daemon().ifPresent(process -> Daemon.stop(state, process, limit));
    update(state.withDaemon(Optional.empty()));
  }

  /** Starts the daemon of a host (stops it first if it runs) and waits for its API. */
  public void restart(String host) {
    start(host, List.of(), Map.of());
  }

  /** As {@link #restart}, with further options and environment variables for this start. */
  public void start(String host, List<String> options, Map<String, String> environment) {
    stop(host);
    HostState state = host(host);
    try {
      List<String> all = new ArrayList<>(state().daemonOptions());
      all.addAll(options);
      ProcessIdentity process = Daemon.start(state().engine(), state, all, environment);
      update(state.withDaemon(Optional.of(process)));
      Daemon.awaitApi(state, process, LabPlan.LIMIT_DEFAULT);
    } catch (IOException failure) {
      throw new LabException("cannot start the daemon of " + host, failure);
    }
  }

  /**
   * Cuts power: daemon, containerd and containers of the host die at once; what is on disk stays.
   */
  public void powerOff(String host) {
    HostState state = host(host);
    Remains.of(List.of(state.namespace()), List.of(state.execRoot()), List.of()).killAll();
    Remains.unmountBelow(List.of(state.execRoot(), state.dataRoot()));
    update(state.withDaemon(Optional.empty()));
  }

  /** Pulls the host's cable: its link on the switch goes down. */
  public void partition(String host) {
    underlay().setCable(host(host), false);
  }

  /** Plugs the host's cable in again. */
  public void heal(String host) {
    underlay().setCable(host(host), true);
  }

  /** True when the host's cable is plugged in. */
  public boolean connected(String host) {
    return underlay().cable(host(host));
  }

  /** Removes the lab with everything that belongs to it. Says nothing when there is nothing. */
  public void down(Consumer<String> progress) {
    progress.accept("removing lab " + name);
    Remains.ofLab(directories, name).removeAll();
  }

  private LabState reserve(LabPlan plan, Consumer<String> progress) {
    try (FileGuard guard = FileGuard.lock(directories.run().resolve(".lock"))) {
      Optional<LabState> old = LabState.read(directories.state(name));
      if (old.isPresent()) {
        refuseIfInUse(old.get());
        progress.accept("removing what an interrupted lab " + name + " left behind");
      }
      Remains.ofLab(directories, name).removeAll();
      LabState fresh = plan(plan, AddressBlocks.choose(plan.block(), directories));
      fresh.write(directories.state(name));
      return fresh;
    } catch (IOException failure) {
      throw new LabException("cannot write below " + directories.run(), failure);
    }
  }

  private void refuseIfInUse(LabState old) {
    boolean daemons =
        old.hosts().stream().anyMatch(h -> h.daemon().filter(ProcessIdentity::alive).isPresent());
    if (old.complete() && daemons) {
      throw new LabException("lab " + name + " is up already: hanse lab down --name " + name);
    }
    boolean mine = old.maker().pid() == ProcessHandle.current().pid();
    if (!old.complete() && old.maker().alive() && !mine) {
      throw new LabException("lab " + name + " is being made by process " + old.maker().pid());
    }
  }

  private LabState plan(LabPlan plan, int block) {
    List<HostState> hosts = new ArrayList<>();
    for (int number = 1; number <= plan.hosts(); number++) {
      String host = "host" + number;
      hosts.add(
          new HostState(
              host,
              "10." + block + ".0." + number,
              number <= plan.managers(),
              directories.namespace(name, host),
              directories.labData(name).resolve(host),
              directories.lab(name).resolve(host),
              Optional.empty()));
    }
    ProcessIdentity self =
        ProcessIdentity.of(ProcessHandle.current().pid())
            .orElseThrow(() -> new LabException("/proc is not mounted"));
    return new LabState(name, block, false, self, plan.engine(), plan.daemonOptions(), hosts);
  }

  private void make(LabState state, LabPlan plan, Consumer<String> progress) throws IOException {
    progress.accept(plan.hosts() + " hosts on a switch, 10." + state.block() + ".0.1 and up");
    underlay().make(state);
    progress.accept("starting " + plan.hosts() + " daemons");
    try (Waiting waiting = new Waiting(progress)) {
      InParallel.each(
          state.hosts(),
          host -> {
            try (var unused = waiting.item("the API of " + host.name())) {
              startFirst(host, plan);
            }
          });
      if (plan.swarm()) {
        progress.accept("making a swarm of them");
        Swarm.form(state.hosts(), plan.limit(), waiting);
      }
    }
    try (FileGuard guard = guard()) {
      state().completed().write(directories.state(name));
    }
  }

  private void startFirst(HostState host, LabPlan plan) throws IOException {
    ProcessIdentity process =
        Daemon.start(
            plan.engine(),
            host,
            plan.daemonOptions(),
            plan.environment().getOrDefault(host.name(), Map.of()));
    update(host.withDaemon(Optional.of(process)));
    Daemon.awaitApi(host, process, plan.limit());
  }

  /**
   * The daemons' logs of a failed start are what one wants to read: they are copied out of the lab.
   */
  private void keepLogs(Consumer<String> progress) {
    Optional<Path> made = Optional.empty();
    for (HostState host : hosts()) {
      try {
        if (Files.exists(host.log())) {
          // Under a name that no other user can have taken before: he could plant links there.
          Path kept =
              made.isPresent()
                  ? made.get()
                  : OwnFiles.temporaryDirectory(TEMPORARY, "hanse-lab-" + name + "-logs-");
          made = Optional.of(kept);
          OwnFiles.write(kept.resolve(host.name() + ".log"), Files.readAllBytes(host.log()));
        }
      } catch (IOException unreadable) {
        progress.accept("cannot keep the log of " + host.name() + ": " + unreadable.getMessage());
      }
    }
    made.ifPresent(kept -> progress.accept("the daemons' logs are kept in " + kept));
  }

  private LabState state() {
    return LabState.read(directories.state(name))
        .orElseThrow(() -> new LabException("lab " + name + " is not up"));
  }

  private void update(HostState host) {
    try (FileGuard guard = guard()) {
      state().with(host).write(directories.state(name));
    } catch (IOException failure) {
      throw new LabException("cannot write " + directories.state(name), failure);
    }
  }

  private FileGuard guard() throws IOException {
    return FileGuard.lock(directories.lab(name).resolve(".lock"));
  }

  private Underlay underlay() {
    return new Underlay(directories, name);
  }
}
