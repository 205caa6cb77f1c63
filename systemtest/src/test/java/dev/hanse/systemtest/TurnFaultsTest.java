package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import dev.hanse.health.OwnerThread;
import dev.hanse.lab.HostState;
import dev.hanse.lab.Lab;
import dev.hanse.lab.LabPlan;
import dev.hanse.lab.client.DockerClient;
import dev.hanse.systemtest.faults.FaultyHost;
import dev.hanse.systemtest.faults.Note;
import dev.hanse.systemtest.faults.Round;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every thread that goes on, on every host, throws in one of its turns, and the swarm goes on as if
 * nothing had been. Which threads there are nobody lists: a new one for which this story has no
 * work fails it, and gets some here.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TurnFaultsTest {
  private static final String CONTROL = "dev.hanse.manager.loop.ControlLoop";

  /** Leftovers are looked for once a minute. */
  private static final Duration SLOWEST_COMES_WITHIN = Duration.ofSeconds(100);

  private static final Duration LEFTOVERS_GO_WITHIN = Duration.ofMinutes(2);

  /** What workloads alone make; the others are different for a node that joined again. */
  private static final Set<String> OF_WORKLOADS =
      Set.of(
          "namespaces",
          "mounts",
          "control groups",
          "containers",
          "container tasks",
          "snapshots",
          "shims");

  private final Map<String, FaultyHost> faulty = new TreeMap<>();
  private OwnLab own;
  private Lab lab;

  @BeforeAll
  void make(@TempDir Path directory) throws IOException {
    Path agent = FaultyHost.agent(directory);
    LabPlan plan = LabPlan.of(SharedLab.name("turns"), 3, 1);
    for (int number = 1; number <= 4; number++) {
      String host = "host" + number;
      FaultyHost made = new FaultyHost(Files.createDirectory(directory.resolve(host)), agent);
      faulty.put(host, made);
      plan = plan.withEnvironment(host, made.environment());
    }
    own = OwnLab.of(plan);
    lab = own.lab();
  }

  @AfterAll
  void take_down() {
    own.close();
  }

  /** Also after a story that failed half way, so that the next has a whole swarm. */
  @AfterEach
  void repair_and_remove_services() throws IOException {
    for (FaultyHost host : faulty.values()) {
      host.begin(Round.NONE);
    }
    lab.hosts().forEach(host -> Deafness.end(lab, host.name()));
    own.docker()
        .run("service", "ls", "-q")
        .lines()
        .forEach(id -> own.docker().run("service", "rm", id));
  }

  @Test
  @Order(1)
  void a_turn_whose_work_is_not_done_ends_no_thread() throws Exception {
    throwInAll(new Round(1, Round.Place.BEGINNING, Round.Fault.EXCEPTION, Round.Threads.ALL));
  }

  @Test
  @Order(2)
  void a_turn_that_breaks_off_at_its_end_ends_no_thread() throws Exception {
    throwInAll(new Round(2, Round.Place.END, Round.Fault.ERROR, Round.Threads.ALL));
  }

  /** The one thread that may not go on: it says so, another manager leads, a new start helps. */
  @Test
  @Order(3)
  void a_control_loop_that_gives_up_hands_over_and_says_so() throws Exception {
    String leader = Leader.of(lab, "host1");
    String other = leader.equals("host1") ? "host2" : "host1";
    DockerCommand docker = new DockerCommand(lab, other);
    faulty(leader)
        .begin(new Round(3, Round.Place.END, Round.Fault.EXCEPTION, Round.Threads.CONTROL));
    docker.run("service", "create", "--detach", "--name", "before", SharedLab.IMAGE);
    eventually(
        () -> {
          DockerClient.Answer answer = lab.docker(leader).ask("/hanse/v1/health");
          assertThat(answer.status()).isEqualTo(503);
          assertThat(answer.body().toString())
              .contains("hanse-control has ended: java.lang.IllegalStateException: made by a test");
        });
    eventually(() -> assertThat(Leader.of(lab, other)).isNotEqualTo(leader));
    docker.create("--name", "after", SharedLab.IMAGE);
    docker.run("service", "rm", "before", "after");
    faulty(leader).begin(Round.NONE);
    start(leader);
    awaitWell();
  }

  private void throwInAll(Round round) throws Exception {
    Map<String, Map<String, Collection<String>>> before = ofWorkloads();
    for (FaultyHost host : faulty.values()) {
      host.begin(round);
    }
    work("web" + round.number());
    awaitWell();
    assertThat(places(round, Note.Kind.THREW))
        .as("where threads are planned, and where one threw")
        .isEqualTo(planned());
    if (round.place() == Round.Place.BEGINNING) {
      // What broke off at its end is done: some have nothing else to do.
      eventually(
          SLOWEST_COMES_WITHIN,
          () ->
              assertThat(places(round, Note.Kind.WELL))
                  .as("where threads are planned, and where one did its work after it had thrown")
                  .isEqualTo(planned()));
    }
    lab.hosts().forEach(host -> assertGoOn(host.name(), round));
    own.docker().run("service", "rm", "web" + round.number());
    eventually(LEFTOVERS_GO_WITHIN, () -> assertThat(ofWorkloads()).isEqualTo(before));
  }

  /** Also those for which there was no more work are ready for it, unless they were to end. */
  private void assertGoOn(String host, Round round) {
    eventually(
        () -> {
          Map<String, Long> threw = threads(host, round, Note.Kind.THREW);
          assertThat(threads(host, round, Note.Kind.WENT_ON)).as(host).isEqualTo(threw);
        });
  }

  private Map<String, Long> threads(String host, Round round, Note.Kind kind) {
    return faulty(host).notes().stream()
        .filter(note -> note.round() == round.number() && note.kind() == kind)
        .collect(Collectors.groupingBy(Note::thread, TreeMap::new, Collectors.counting()));
  }

  /** Something to do for every thread that there is. */
  private void work(String service) throws Exception {
    // A worker joins by way of a manager that is silent, and seeks it.
    DockerCommand worker = new DockerCommand(lab, "host4");
    String id = worker.run("info", "--format", "{{.Swarm.NodeID}}");
    worker.run("swarm", "leave");
    Deafness.begin(lab, "host3");
    DockerCommand docker = new DockerCommand(lab, "host1");
    String token = docker.run("swarm", "join-token", "-q", "worker");
    Process joining =
        worker.start("swarm", "join", "--token", token, lab.host("host3").address() + ":2377");
    eventually(() -> assertThat(docker.attempt("node", "rm", "--force", id).err()).isEmpty());
    // Meanwhile containers are probed, and published ports are asked on [::1].
    docker.create(
        "--name",
        service,
        "--replicas",
        "3",
        "--publish",
        "8080:80",
        "--health-cmd",
        "true",
        "--health-interval",
        "1s",
        SharedLab.IMAGE);
    awaitAnswer();
    assertThat(joining.waitFor()).isPositive();
    assertThat(new String(joining.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
        .contains("continue in the background");
    Deafness.end(lab, "host3");
    awaitNodes();
    // Certificates expire while their nodes are off.
    lab.kill("host2");
    lab.kill("host4");
    Certificate.expire(lab, List.of("host2", "host4"), Optional.empty());
    start("host2");
    start("host4");
    awaitNodes();
    String leader = Leader.of(lab, "host1");
    lab.kill(leader);
    start(leader);
    awaitNodes();
    // Every node asks for a certificate of the new root.
    docker.run("swarm", "ca", "--rotate");
    docker.run("service", "update", "--update-monitor", "50ms", "--force", service);
    awaitAnswer();
  }

  private void awaitAnswer() {
    eventually(
        () -> {
          DockerCommand.Result asked =
              new DockerCommand(lab, "host1")
                  .run(List.of("busybox", "wget", "-q", "-O", "-", "http://[::1]:8080/"));
          assertThat(asked.status()).as(asked.err()).isZero();
        });
  }

  private FaultyHost faulty(String host) {
    return Objects.requireNonNull(faulty.get(host), host);
  }

  private void start(String host) {
    lab.start(host, List.of(), faulty(host).environment());
  }

  private void awaitNodes() {
    for (String manager : List.of("host1", "host2", "host3")) {
      eventually(
          Duration.ofSeconds(60),
          () ->
              assertThat(
                      new DockerCommand(lab, manager)
                          .run("node", "ls", "--format", "{{.Status}} {{.ManagerStatus}}")
                          .lines()
                          .map(String::strip))
                  .containsExactlyInAnyOrder(
                      "Ready Leader", "Ready Reachable", "Ready Reachable", "Ready"));
    }
  }

  private void awaitWell() {
    awaitNodes();
    for (HostState host : lab.hosts()) {
      eventually(() -> assertThat(ill(host.name())).as(host.name()).isEmpty());
    }
  }

  private String ill(String host) throws IOException {
    StringBuilder ill = new StringBuilder();
    for (JsonNode part : lab.docker(host).ask("/hanse/v1/health").body().path("Parts")) {
      if (!part.path("Fault").isMissingNode()) {
        ill.append(part.path("Fault").asText()).append('\n');
      }
    }
    return ill.toString();
  }

  private Map<String, Map<String, Collection<String>>> ofWorkloads() {
    return lab.hosts().stream()
        .map(HostState::name)
        .collect(
            Collectors.toMap(
                Function.identity(),
                host -> {
                  Map<String, Collection<String>> all = new Traces(lab, host).all();
                  all.keySet().retainAll(OF_WORKLOADS);
                  return all;
                }));
  }

  private Set<String> places(Round round, Note.Kind kind) {
    return faulty.values().stream()
        .flatMap(host -> host.notes().stream())
        .filter(note -> note.round() == round.number() && note.kind() == kind)
        .map(Note::place)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Every place of the product where a thread is planned, but that of the one that gives up. */
  private static Set<String> planned() {
    return ProductClasses.ALL.stream()
        .flatMap(type -> type.getMethodCallsFromSelf().stream())
        .filter(TurnFaultsTest::plansThread)
        .map(call -> call.getOriginOwner().getName() + ":" + call.getLineNumber())
        .filter(place -> !place.startsWith(CONTROL + ":"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static boolean plansThread(JavaMethodCall call) {
    return call.getTargetOwner().isEquivalentTo(OwnerThread.class)
        && call.getName().equals("named");
  }
}
