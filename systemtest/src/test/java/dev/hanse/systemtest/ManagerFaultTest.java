package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.lab.HostState;
import dev.hanse.lab.Lab;
import dev.hanse.systemtest.Services.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Three managers, of which one always has a bad day: what was acknowledged stays, who is in the
 * majority goes on, and no container is touched.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ManagerFaultTest {
  private static final List<String> MANAGERS = List.of("host1", "host2", "host3");
  private static final Duration FAILOVER_LIMIT = Duration.ofSeconds(60);

  /** How long a fault lasts that is longer than an election takes. */
  private static final Duration FAULT = Duration.ofSeconds(4);

  /** As long as a long pause of a machine; the others have long gone on by then. */
  private static final Duration LONG_FAULT = Duration.ofSeconds(10);

  private OwnLab own;
  private Lab lab;
  private List<Task> web;
  private int created;

  @BeforeAll
  void make() throws IOException {
    own = OwnLab.of("managers", 3, 1);
    lab = own.lab();
    // On the worker only: what runs on a host that is cut off is rightly replaced elsewhere.
    own.docker()
        .create(
            "--name",
            "web",
            "--replicas",
            "2",
            "--constraint",
            "node.role==worker",
            "-p",
            "8080:80",
            SharedLab.IMAGE);
    web = own.services().running("web");
    assertThat(web).hasSize(2);
  }

  /** Also after a story that failed half way, so that the next has a whole swarm. */
  @AfterEach
  void repair() {
    for (HostState host : lab.hosts()) {
      signal(host.name(), "CONT");
      Deafness.end(lab, host.name());
    }
    own.repair();
    awaitWhole();
  }

  @AfterAll
  void take_down() {
    own.close();
  }

  @Test
  void the_leader_is_killed_and_another_goes_on() throws Exception {
    String leader = leader();
    lab.kill(leader);
    String written = awaitWrite(other(leader));
    assertThat(leader(other(leader))).isNotEqualTo(leader);
    // The worker knows the others too, also if they became managers after it had joined.
    DockerCommand successor = new DockerCommand(lab, other(leader));
    eventually(
        FAILOVER_LIMIT,
        () ->
            assertThat(
                    successor
                        .attempt("node", "ls", "--filter", "role=worker", "--format", "{{.Status}}")
                        .lines())
                .containsExactly("Ready"));
    lab.restart(leader);
    awaitKnown(written);
    assertUntouched();
  }

  /** Asked of a manager that goes on: no line is missing or comes twice. */
  @Test
  void logs_that_are_followed_go_on_when_the_leader_is_killed() throws Exception {
    String leader = leader();
    DockerCommand docker = new DockerCommand(lab, other(leader));
    docker.create(
        "--name",
        "count",
        "--constraint",
        "node.role==worker",
        SharedLab.IMAGE,
        "sh",
        "-c",
        "trap exit TERM; i=0; while true; do i=$((i+1)); echo $i; sleep 0.1; done");
    try (Following logs =
        Following.of(docker.start("service", "logs", "-f", "--raw", "--tail", "0", "count"))) {
      logs.awaitLines(5, line -> true);
      int before = logs.lines().size();
      lab.kill(leader);
      String written = awaitWrite(other(leader));
      logs.awaitLines(before + 50, line -> true);
      List<Integer> numbers = logs.lines().stream().map(Integer::parseInt).toList();
      assertThat(numbers)
          .containsExactlyElementsOf(
              IntStream.range(0, numbers.size()).mapToObj(i -> numbers.getFirst() + i).toList());
      lab.restart(leader);
      awaitKnown(written);
    }
    docker.run("service", "rm", "count");
    assertUntouched();
  }

  @Test
  void the_leader_is_stopped_for_a_while_and_follows_when_it_wakes() throws Exception {
    String old = leader();
    Instant end = Instant.now().plus(LONG_FAULT);
    signal(old, "STOP");
    List<String> written = new ArrayList<>();
    while (Instant.now().isBefore(end)) {
      written.add(awaitWrite(other(old)));
    }
    signal(old, "CONT");
    eventually(() -> assertThat(leader(old)).isNotEqualTo(old));
    awaitKnown(written);
    awaitWhole();
    assertThat(leader(old)).isEqualTo(leader(other(old))).isNotEqualTo(old);
    assertUntouched();
  }

  @Test
  void a_leader_without_a_majority_accepts_nothing() throws Exception {
    String leader = leader();
    lab.partition(leader);
    String written = awaitWrite(other(leader));
    // It has noticed by now that nobody follows it.
    eventually(
        () -> assertThat(create(leader, "never-" + created).status()).as("a write").isNotZero());
    lab.heal(leader);
    awaitKnown(written);
    assertThat(names(leader)).noneMatch(name -> name.startsWith("never-"));
    assertUntouched();
  }

  @Test
  void a_follower_that_is_cut_off_catches_up() throws Exception {
    String leader = leader();
    String follower = other(leader);
    lab.partition(follower);
    String written = awaitWrite(leader);
    assertThat(leader(leader)).isEqualTo(leader);
    lab.heal(follower);
    awaitKnown(written);
    assertUntouched();
  }

  @Test
  void a_leader_that_hears_nobody_is_replaced() throws Exception {
    String leader = leader();
    Deafness.begin(lab, leader);
    String written = awaitWrite(other(leader));
    Deafness.end(lab, leader);
    awaitKnown(written);
    assertUntouched();
  }

  @Test
  void all_managers_die_at_once_and_come_back() throws Exception {
    String written = awaitWrite("host1");
    MANAGERS.forEach(lab::kill);
    restart(MANAGERS);
    awaitKnown(written);
    assertUntouched();
  }

  @Test
  void all_hosts_were_off_for_longer_than_their_certificates_live() throws Exception {
    String written = awaitWrite("host1");
    List<String> all = lab.hosts().stream().map(HostState::name).toList();
    all.forEach(lab::kill);
    Certificate.expire(lab, all, Optional.empty());
    restart(all);
    awaitKnown(written);
    awaitWhole();
    assertUntouched();
  }

  private void restart(List<String> hosts) throws InterruptedException {
    List<Thread> starting = new ArrayList<>();
    for (String host : hosts) {
      starting.add(Thread.ofVirtual().start(() -> lab.restart(host)));
    }
    for (Thread start : starting) {
      start.join();
    }
  }

  @Test
  void a_full_disk_on_one_manager_stops_nobody() throws Exception {
    String victim = leader();
    Path swarm = lab.host(victim).dataRoot().resolve("swarm");
    onSmallDisk(victim, swarm);
    DockerCommand host = new DockerCommand(lab, victim);
    host.run(List.of("dd", "if=/dev/zero", "of=" + swarm.resolve("filler"), "bs=64k"));
    String label = "x=" + "y".repeat(100_000);
    String other = other(victim);
    for (int write = 0; write < 40; write++) {
      eventually(
          FAILOVER_LIMIT,
          () -> {
            String name = "big-" + created++;
            assertThat(create(other, name, "--label", label).err()).doesNotContain("Error");
          });
    }
    String written = awaitWrite(other);
    Files.delete(swarm.resolve("filler"));
    awaitKnown(written);
    awaitWhole();
    assertUntouched();
  }

  @Test
  void every_daemon_restarts_in_turn_and_no_request_fails() throws Exception {
    List<String> addresses = lab.hosts().stream().map(HostState::address).toList();
    try (Hammer hammer = new Hammer(addresses, 8080)) {
      eventually(() -> assertThat(hammer.answered()).isGreaterThan(50));
      for (HostState host : lab.hosts()) {
        lab.restart(host.name());
        awaitWhole();
      }
      long soFar = hammer.answered();
      eventually(() -> assertThat(hammer.answered()).isGreaterThan(soFar + 50));
      assertThat(hammer.failures()).isEmpty();
    }
    assertUntouched();
  }

  @Test
  void updates_through_all_managers_are_linearizable_whatever_fails() throws Exception {
    assertThat(create("host1", "register").err()).doesNotContain("Error");
    awaitKnown("register");
    VersionedWrites writes = new VersionedWrites(lab, "register", MANAGERS);
    try (writes) {
      awaitMore(writes);
      String killed = leader();
      lab.kill(killed);
      awaitMore(writes);
      lab.restart(killed);
      String stopped = awaitLeader();
      signal(stopped, "STOP");
      LockSupport.parkNanos(FAULT.toNanos());
      signal(stopped, "CONT");
      awaitMore(writes);
      String isolated = awaitLeader();
      lab.partition(isolated);
      awaitMore(writes);
      lab.heal(isolated);
      String deaf = awaitLeader();
      Deafness.begin(lab, deaf);
      awaitMore(writes);
      Deafness.end(lab, deaf);
      awaitMore(writes);
    }
    awaitKnown(awaitWrite("host1"));
    for (String manager : MANAGERS) {
      writes.check(lab.docker(manager));
    }
    assertUntouched();
  }

  private static void awaitMore(VersionedWrites writes) {
    long soFar = writes.done();
    eventually(FAILOVER_LIMIT, () -> assertThat(writes.done()).isGreaterThan(soFar + 10));
  }

  private String leader() {
    return leader("host1");
  }

  /** The host that leads, as another one tells. */
  private String leader(String asked) {
    return Leader.of(lab, asked);
  }

  /** The leader, whoever of the managers can tell. */
  private String awaitLeader() {
    awaitWhole();
    return leader();
  }

  private static String other(String manager) {
    return MANAGERS.stream().filter(name -> !name.equals(manager)).findFirst().orElseThrow();
  }

  private DockerCommand.Result create(String manager, String name, String... options) {
    List<String> arguments = new ArrayList<>(List.of("service", "create", "--detach"));
    arguments.addAll(List.of("--name", name, "--replicas", "0"));
    arguments.addAll(List.of(options));
    arguments.add(SharedLab.IMAGE);
    return new DockerCommand(lab, manager).attempt(arguments.toArray(String[]::new));
  }

  /** Writes through a manager, as soon as it can be done; returns what is there then. */
  private String awaitWrite(String manager) {
    return Eventually.value(
        "a write through " + manager,
        () -> {
          String name = "written-" + created++;
          return create(manager, name).status() == 0 ? Optional.of(name) : Optional.empty();
        });
  }

  private List<String> names(String manager) {
    return new DockerCommand(lab, manager)
        .attempt("service", "ls", "--format", "{{.Name}}")
        .lines();
  }

  private void awaitKnown(String service) {
    awaitKnown(List.of(service));
  }

  private void awaitKnown(List<String> services) {
    for (String manager : MANAGERS) {
      eventually(
          FAILOVER_LIMIT, () -> assertThat(names(manager)).as(manager).containsAll(services));
    }
  }

  /** Every manager tells that all nodes are there and all managers reachable. */
  private void awaitWhole() {
    for (String manager : MANAGERS) {
      DockerCommand docker = new DockerCommand(lab, manager);
      eventually(
          FAILOVER_LIMIT,
          () ->
              assertThat(
                      docker
                          .attempt("node", "ls", "--format", "{{.Status}} {{.ManagerStatus}}")
                          .lines())
                  .as(manager)
                  .containsExactlyInAnyOrder(
                      "Ready Leader", "Ready Reachable", "Ready Reachable", "Ready "));
    }
  }

  private void assertUntouched() {
    eventually(
        FAILOVER_LIMIT,
        () -> assertThat(own.services().tasks("web")).containsExactlyInAnyOrderElementsOf(web));
  }

  private void signal(String host, String signal) {
    lab.host(host)
        .daemon()
        .ifPresent(
            process ->
                new DockerCommand(lab, host)
                    .run(List.of("kill", "-" + signal, Long.toString(process.pid()))));
  }

  /** Moves what the node keeps of its swarm to a file system of its own that is too small. */
  private void onSmallDisk(String host, Path swarm) {
    lab.stop(host);
    DockerCommand command = new DockerCommand(lab, host);
    String script =
        "mkdir \"$1.small\" && mount -t tmpfs -o size=24m tmpfs \"$1.small\""
            + " && cp -a \"$1/.\" \"$1.small\" && mount --bind \"$1.small\" \"$1\"";
    DockerCommand.Result moved = command.run(List.of("sh", "-c", script, "sh", swarm.toString()));
    assertThat(moved.status()).as(moved.err()).isZero();
    lab.restart(host);
    awaitWhole();
  }
}
