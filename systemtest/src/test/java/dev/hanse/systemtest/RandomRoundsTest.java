package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.lab.HostState;
import dev.hanse.lab.Lab;
import dev.hanse.lab.ProcessIdentity;
import dev.hanse.systemtest.Services.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Services and networks that come, change and go at random moments, while containers and daemons
 * are killed: in the end every host holds what it held before. Run with more rounds by {@code
 * bin/rounds}.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RandomRoundsTest {
  private static final int ROUNDS = Integer.getInteger("systemtest.rounds", 30);
  private static final long SEED = Long.getLong("systemtest.seed", System.nanoTime());
  private static final Duration PAUSE_MAX = Duration.ofMillis(250);
  private static final Duration LEFTOVERS_GO_WITHIN = Duration.ofMinutes(2);
  private static final int SERVICES_MAX = 6;
  private static final int NETWORKS_MAX = 3;

  /** What the machinery of the JVM may take besides, between one moment and another. */
  private static final int THREADS_MORE = 20;

  private static final int DESCRIPTORS_MORE = 40;

  private final Random random = new Random(SEED);
  private final List<String> names = new ArrayList<>();
  private final List<String> networks = new ArrayList<>();
  private final Map<String, Integer> done = new TreeMap<>();
  private int number;
  private OwnLab own;
  private Lab lab;
  private DockerCommand docker;

  private Services services() {
    return own.services();
  }

  @BeforeAll
  void make() {
    own = OwnLab.of("rounds", 1, 1);
    lab = own.lab();
    docker = own.docker();
  }

  @AfterAll
  void take_down() {
    own.close();
  }

  /** A host, and what was there before. */
  private record Before(
      String host, Traces traces, Map<String, Collection<String>> all, Traces.Daemon daemon) {}

  @Test
  void whatever_happens_to_workloads_and_daemons_nothing_is_left() throws Exception {
    System.out.printf(
        "RandomRoundsTest: repeat with -Dsystemtest.rounds=%d -Dsystemtest.seed=%d%n",
        ROUNDS, SEED);
    warmUp();
    List<Before> hosts = new ArrayList<>();
    for (HostState host : lab.hosts()) {
      hosts.add(before(host.name()));
    }
    for (int round = 0; round < ROUNDS; round++) {
      LockSupport.parkNanos(random.nextLong(PAUSE_MAX.toNanos()));
      befall();
    }
    own.repair();
    removeAll();
    for (Before before : hosts) {
      compare(before);
    }
    System.out.println("RandomRoundsTest: " + done);
  }

  private Before before(String host) throws IOException {
    Traces traces = new Traces(lab, host);
    eventually(
        () -> {
          assertThat(traces.shims()).isEmpty();
          // The first network's go with the next repair; the ingress network's stays.
          assertThat(traces.links()).filteredOn(link -> link.startsWith("hnx-")).hasSize(1);
        });
    return new Before(host, traces, traces.all(), traces.daemon());
  }

  private static void compare(Before before) throws IOException {
    eventually(
        LEFTOVERS_GO_WITHIN,
        () ->
            assertThat(before.traces().all())
                .as("%s, seed %d", before.host(), SEED)
                .isEqualTo(before.all()));
    Traces.Daemon daemon = before.traces().daemon();
    System.out.printf(
        "%s: before %s %s, after %s %s%n",
        before.host(),
        Traces.counts(before.all()),
        before.daemon(),
        Traces.counts(before.traces().all()),
        daemon);
    assertThat(daemon.threads()).isLessThanOrEqualTo(before.daemon().threads() + THREADS_MORE);
    assertThat(daemon.descriptors())
        .isLessThanOrEqualTo(before.daemon().descriptors() + DESCRIPTORS_MORE);
  }

  /** A first life makes what stays: directories, the tables of the packet rules. */
  private void warmUp() throws IOException {
    docker.run("network", "create", "--driver", "overlay", "first");
    docker.create(
        "--name",
        "first",
        "--network",
        "first",
        "--replicas",
        "2",
        "-p",
        "8080:80",
        SharedLab.IMAGE);
    docker.run("service", "rm", "first");
    services().awaitGone("first");
    eventually(() -> assertThat(docker.attempt("network", "rm", "first").err()).isEmpty());
  }

  private void removeAll() {
    own.repairAndRemoveServices();
    for (String network :
        docker
            .run("network", "ls", "--filter", "driver=overlay", "--format", "{{.Name}}")
            .lines()
            .toList()) {
      if (!network.equals("ingress")) {
        eventually(() -> assertThat(docker.attempt("network", "rm", network).err()).isEmpty());
      }
    }
    for (HostState host : lab.hosts()) {
      eventually(
          LEFTOVERS_GO_WITHIN,
          () -> assertThat(lab.docker(host.name()).get("/containers/json?all=1")).isEmpty());
    }
  }

  private void befall() throws IOException {
    int drawn = random.nextInt(100);
    if (names.isEmpty() || (drawn < 30 && names.size() < SERVICES_MAX)) {
      count("create", this::create);
    } else if (drawn < 45) {
      count("update", this::update);
    } else if (drawn < 60) {
      String service = names.remove(random.nextInt(names.size()));
      count("remove", () -> docker.attempt("service", "rm", service));
    } else if (drawn < 72) {
      count(
          "scale",
          () ->
              docker.attempt(
                  "service", "scale", "--detach", some(names) + "=" + random.nextInt(5)));
    } else if (drawn < 82) {
      count("kill a container", this::killContainer);
    } else if (drawn < 88) {
      count("create a network", this::createNetwork);
    } else if (drawn < 94 && !networks.isEmpty()) {
      count("remove a network", () -> removeNetwork(some(networks)));
    } else if (drawn >= 96) {
      count("kill a daemon", this::killDaemon);
    }
  }

  /** What happens to be refused, or finds no daemon, is as good: the next round comes. */
  private interface Event {
    void happen() throws IOException;
  }

  private void count(String what, Event event) throws IOException {
    done.merge(what, 1, Integer::sum);
    event.happen();
  }

  private String some(List<String> of) {
    return of.get(random.nextInt(of.size()));
  }

  private void create() {
    String name = "s" + number++;
    List<String> words = new ArrayList<>(List.of("service", "create", "--detach", "--name", name));
    words.addAll(
        List.of(
            "--replicas", Integer.toString(1 + random.nextInt(3)), "--stop-grace-period", "1s"));
    if (!networks.isEmpty() && random.nextBoolean()) {
      words.addAll(List.of("--network", some(networks)));
    }
    switch (random.nextInt(6)) {
      case 0 -> words.addAll(List.of("-p", "80"));
      case 1 -> words.addAll(List.of("-p", "mode=host,target=80"));
      case 2 -> words.addAll(List.of("--mount", "type=volume,target=/data"));
      case 3 -> words.addAll(List.of("--restart-condition", "none"));
      case 4 -> words.addAll(List.of("--limit-memory", "20m", "--tty"));
      default -> {}
    }
    switch (random.nextInt(6)) {
      case 0 -> words.addAll(List.of(SharedLab.IMAGE, "false"));
      case 1 -> words.addAll(List.of(SharedLab.IMAGE, "no-such-program"));
      case 2 -> words.add("127.0.0.1:1/not/there:1");
      case 3 ->
          words.addAll(
              List.of(SharedLab.IMAGE, "sh", "-c", "trap '' TERM; while :; do sleep 1; done"));
      default -> words.add(SharedLab.IMAGE);
    }
    names.add(name);
    docker.attempt(words.toArray(String[]::new));
  }

  private void update() {
    List<String> words = new ArrayList<>(List.of("service", "update", "--detach"));
    switch (random.nextInt(4)) {
      case 0 -> words.add("--force");
      case 1 -> words.addAll(List.of("--env-add", "ROUND=" + number++));
      case 2 -> words.addAll(List.of("--image", SharedLab.IMAGE, "--args", ""));
      default -> words.addAll(List.of("--publish-add", Integer.toString(81 + random.nextInt(5))));
    }
    words.add(some(names));
    docker.attempt(words.toArray(String[]::new));
  }

  private void createNetwork() {
    if (networks.size() < NETWORKS_MAX) {
      String name = "n" + number++;
      if (docker.attempt("network", "create", "--driver", "overlay", name).status() == 0) {
        networks.add(name);
      }
    }
  }

  private void removeNetwork(String name) {
    if (docker.attempt("network", "rm", name).status() == 0) {
      networks.remove(name);
    }
  }

  private void killContainer() throws IOException {
    List<Task> running = new ArrayList<>();
    for (String service : names) {
      if (docker.attempt("service", "inspect", service).status() == 0) {
        running.addAll(services().running(service));
      }
    }
    if (!running.isEmpty()) {
      Task task = running.get(random.nextInt(running.size()));
      // What is said of it may be old, and the number another's by now.
      if (isIn(task.pid(), task.containerId())) {
        ProcessIdentity.of(task.pid()).ifPresent(ProcessIdentity::kill);
      }
    }
  }

  private static boolean isIn(long pid, String containerId) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cgroup")).contains(containerId);
    } catch (IOException gone) {
      return false;
    }
  }

  private void killDaemon() {
    String host = lab.hosts().get(random.nextInt(lab.hosts().size())).name();
    lab.kill(host);
    LockSupport.parkNanos(random.nextLong(PAUSE_MAX.toNanos()));
    lab.restart(host);
  }
}
