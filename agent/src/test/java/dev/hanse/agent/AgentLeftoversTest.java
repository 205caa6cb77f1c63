package dev.hanse.agent;

import static dev.hanse.agent.AgentWorld.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.agent.network.NetworkLoop;
import dev.hanse.agent.network.NodePlace;
import dev.hanse.agent.network.StartedLoop;
import dev.hanse.agent.task.TaskContainer;
import dev.hanse.agent.volume.Volumes;
import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.kernel.file.Mounts;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.netlink.Netlink;
import dev.hanse.kernel.network.Link;
import dev.hanse.kernel.nftables.Nftables;
import dev.hanse.model.Annotations;
import dev.hanse.model.Driver;
import dev.hanse.model.Mount;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.NetworkSpec;
import dev.hanse.model.PortConfig;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containers.ContainerState;
import dev.hanse.runtime.process.OutputListener;
import dev.hanse.runtime.spec.ContainerSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Tasks that end at any moment of their lives, on the real kernel and a real containerd: what the
 * node holds afterwards is what it held before. The timer of the repair never runs.
 */
@Tag("attack")
class AgentLeftoversTest {
  private static final int NUMBER = 4097;
  private static final int ROUNDS_MAX = 150;
  private static final Duration ROUNDS_END_AFTER = Duration.ofSeconds(10);
  private static final int KILL = 9;

  private static Path directory;
  private static NetworkNamespace host;
  private static NetworkLoop loop;
  private static AgentWorld world;
  private static Map<String, Object> before;

  private final List<Task> present = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    directory = Files.createTempDirectory(Path.of("/run"), "hanse-leftovers");
    host = NetworkNamespace.create(directory.resolve("host"));
    loop = StartedLoop.on(host, directory, Duration.ofHours(1));
    loop.join(new NodePlace("n1", Ipv4Address.of("127.0.0.1"), 4789));
    world = new AgentWorld(Optional.of(loop));
    // A first life makes what stays: directories, and the tables of the packet rules.
    Task first = networked(AgentWorld.shell("exit 0"), "first");
    world.assign(first);
    world.await(first, TaskState.COMPLETE);
    world.withdraw(first);
    allGone();
    before = counts();
  }

  @AfterAll
  static void stop() throws Exception {
    world.close();
    loop.closeAndRemove();
    host.delete();
    try (var files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }

  private static Task networked(Task task, String network) {
    int last = 2 + Integer.parseInt(task.getId().substring("task".length())) % 65_000;
    String address = "10.7.%d.%d".formatted(last / 256, last % 256);
    return task.toBuilder()
        .addNetworks(
            NetworkAttachment.newBuilder()
                .setNetwork(
                    Network.newBuilder()
                        .setId(network + "network00000000000000")
                        .setSpec(
                            NetworkSpec.newBuilder()
                                .setAnnotations(Annotations.newBuilder().setName(network))
                                .setDriverConfig(Driver.newBuilder().setName("overlay")))
                        .setDriverState(
                            Driver.newBuilder()
                                .setName("overlay")
                                .putOptions(
                                    "com.docker.network.driver.overlay.vxlanid_list",
                                    Integer.toString(NUMBER))))
                .addAddresses(address + "/16")
                .setMacAddress("02:42:01:00:%02x:%02x".formatted(last / 256, last % 256)))
        .build();
  }

  private static void allGone() throws Exception {
    eventually("all tasks are gone", () -> world.agent().workloads().isEmpty());
    loop.repair();
  }

  /** Everything that tasks take, by kind. */
  private static Map<String, Object> counts() throws Exception {
    Map<String, Object> counts = new TreeMap<>();
    for (Path kind :
        List.of(
            directory.resolve("networks/namespaces"),
            directory.resolve("networks/tasks"),
            world.directory().resolve("run/task-memory"),
            world.directory().resolve("run/volume-parts"),
            world.directory().resolve("x/io"),
            world.directory().resolve("data/tasks"),
            world.directory().resolve("data/logs"),
            world.directory().resolve("data/volumes"))) {
      counts.put(kind.toString(), names(kind));
    }
    try (Netlink netlink = Netlink.open(host)) {
      counts.put("links", netlink.links().stream().map(Link::name).sorted().toList());
    }
    // The order of the tables is that of their last loading.
    counts.put("packet rules", new Nftables(host).list("list ruleset").lines().sorted().toList());
    counts.put(
        "mounts",
        Mounts.list().stream()
            .map(mount -> mount.target())
            .filter(target -> target.startsWith(directory) || target.startsWith(world.directory()))
            .map(Path::toString)
            .sorted()
            .toList());
    counts.put(
        "containers",
        world.runtime().containers().list(Map.of()).stream().map(ContainerState::id).toList());
    return counts;
  }

  private static Set<String> names(Path kind) throws Exception {
    if (!Files.isDirectory(kind)) {
      return Set.of();
    }
    try (Stream<Path> entries = Files.list(kind)) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> !name.equals("images"))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static void nothingIsLeft(String what) throws Exception {
    allGone();
    // A namespace's links go when its last socket is closed, which nobody waits for.
    eventually(
        what + ": links go", () -> Objects.equals(counts().get("links"), before.get("links")));
    assertThat(counts()).as(what).isEqualTo(before);
  }

  @Test
  void tasks_that_are_broken_off_while_they_are_prepared_leave_no_namespace_and_no_number()
      throws Exception {
    for (int delayMs : new int[] {0, 5, 15, 30, 50, 80, 120}) {
      Task[] three = new Task[3];
      for (int slot = 0; slot < three.length; slot++) {
        three[slot] = networked(AgentWorld.shell("sleep 1000"), "broken" + delayMs);
      }
      world.assign(three);
      LockSupport.parkNanos(Duration.ofMillis(delayMs).toNanos());
      world.assignOnly();
      eventually("gone after " + delayMs, () -> world.agent().workloads().isEmpty());
      assertThat(names(directory.resolve("networks/namespaces"))).isEmpty();
    }
    Task next = networked(AgentWorld.shell("exit 0"), "next");
    world.assign(next);
    world.await(next, TaskState.COMPLETE);
    world.withdraw(next);
    nothingIsLeft("tasks broken off");
  }

  @Test
  void the_number_of_a_network_that_was_just_removed_is_free_at_once() throws Exception {
    for (int round = 0; round < 3; round++) {
      Task task = networked(AgentWorld.shell("sleep 1000"), "deployed" + round);
      world.assign(task);
      world.await(task, TaskState.RUNNING);
      world.withdraw(task);
      eventually("gone", () -> world.agent().workloads().isEmpty());
    }
    nothingIsLeft("networks in turn");
  }

  @Test
  void a_number_whose_network_still_has_an_ending_task_is_waited_for() throws Exception {
    Task old = networked(AgentWorld.shell("trap '' TERM; while :; do sleep 1; done"), "ending");
    world.assign(old);
    world.await(old, TaskState.RUNNING);
    Task next = networked(AgentWorld.shell("sleep 1000"), "waiting");

    world.desire(old, TaskState.SHUTDOWN);
    world.assign(next);
    world.await(next, TaskState.RUNNING);

    world.assignOnly();
    nothingIsLeft("a network that was waited for");
  }

  @Test
  void a_namespace_of_no_task_is_removed_by_the_next_repair() throws Exception {
    Path stranger = directory.resolve("networks/namespaces/stranger");
    NetworkNamespace.create(stranger);
    loop.repair();
    assertThat(stranger).doesNotExist();
    nothingIsLeft("a stranger");
  }

  @Test
  void what_belongs_to_no_task_is_found_whatever_it_is() throws Exception {
    String stranger = "stranger";
    String container = TaskContainer.id(stranger);
    NetworkNamespace.create(directory.resolve("networks/namespaces").resolve(stranger));
    file(directory.resolve("networks/tasks").resolve(stranger).resolve("resolv.conf"));
    Path memory = world.directory().resolve("run/task-memory").resolve(stranger);
    Files.createDirectories(memory);
    Mounts.tmpfs(memory, 1 << 20, 0700, Set.of());
    file(memory.resolve("hosts"));
    Path part = world.directory().resolve("run/volume-parts").resolve(container).resolve("0");
    Files.createDirectories(part);
    Mounts.bind(memory, part, Set.of());
    file(world.directory().resolve("data/logs").resolve(container).resolve("00000000.log"));
    file(world.directory().resolve("x/io").resolve(TaskContainer.id("other")).resolve("stdout"));
    world
        .agent()
        .volumes()
        .hold(
            world
                .agent()
                .volumes()
                .create(new Volumes.Wanted(Optional.empty(), "", Map.of(), Map.of()))
                .name(),
            container);
    // Not labelled as a task's, and running.
    world
        .runtime()
        .containers()
        .create(
            ContainerSettings.builder(
                    container, world.runtime().images().require("busybox:latest").id())
                .arguments(List.of("sleep", "1000"))
                .build());
    world.runtime().containers().start(container, OutputListener.NONE);

    world.restartAlone();
    world.rejoin();
    eventually("all are found", () -> Objects.equals(counts(), before));
  }

  private static void file(Path path) throws Exception {
    Files.createDirectories(path.getParent());
    Files.writeString(path, "");
  }

  @Test
  void whatever_ends_a_task_at_whatever_moment_nothing_is_left() throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("AgentLeftoversTest: repeat with -Dseed=" + seed);
    Random random = new Random(seed);
    long end = System.nanoTime() + ROUNDS_END_AFTER.toNanos();
    int round = 0;
    while (round < ROUNDS_MAX && System.nanoTime() < end) {
      round++;
      if (present.size() < 6) {
        List<Task> fresh = new ArrayList<>();
        for (int count = 1 + random.nextInt(3); count > 0; count--) {
          fresh.add(some(random));
        }
        present.addAll(fresh);
        world.assign(fresh.toArray(Task[]::new));
      }
      LockSupport.parkNanos(random.nextLong(Duration.ofMillis(90).toNanos()));
      befall(present.get(random.nextInt(present.size())), random);
    }
    world.assignOnly();
    present.clear();
    nothingIsLeft("seed " + seed + ", " + round + " rounds");
  }

  /** One of the kinds of tasks: each takes something that others do not. */
  private static Task some(Random random) {
    Task plain =
        switch (random.nextInt(5)) {
          case 0 -> AgentWorld.shell("exit 3");
          case 1 -> AgentWorld.task(spec -> spec.setImage("127.0.0.1:1/not/there:1"));
          case 2 ->
              AgentWorld.task(
                  spec ->
                      spec.addArgs("sleep")
                          .addArgs("1000")
                          .addMounts(
                              Mount.newBuilder().setType(Mount.Type.VOLUME).setTarget("/data")));
          case 3 -> AgentWorld.shell("trap '' TERM; while :; do sleep 1; done");
          default -> AgentWorld.shell("sleep 1000");
        };
    return switch (random.nextInt(3)) {
      case 0 -> plain;
      case 1 -> {
        Task.Builder published = plain.toBuilder();
        published
            .getEndpointBuilder()
            .addPorts(
                PortConfig.newBuilder()
                    .setPublishMode(PortConfig.PublishMode.HOST)
                    .setTargetPort(80));
        yield published.build();
      }
      default -> networked(plain, "random");
    };
  }

  private void befall(Task task, Random random) throws InterruptedException {
    switch (random.nextInt(7)) {
      case 0, 1 -> {
        present.remove(task);
        world.withdraw(task);
      }
      case 2 -> world.desire(task, TaskState.SHUTDOWN);
      case 3 -> world.desire(task, TaskState.REMOVE);
      case 5 -> loop.repair(); // Must not touch what is being made.
      case 4 -> {
        try {
          world.runtime().containers().kill(TaskContainer.id(task.getId()), KILL);
        } catch (RuntimeFault notRunning) {
          assertThat(notRunning.kind())
              .isIn(RuntimeFault.Kind.NO_SUCH_CONTAINER, RuntimeFault.Kind.CONFLICT);
        }
      }
      default -> {
        world.assignOnly();
        present.clear();
      }
    }
    if (present.isEmpty()) {
      Task next = some(random);
      present.add(next);
      world.assign(next);
    }
  }
}
