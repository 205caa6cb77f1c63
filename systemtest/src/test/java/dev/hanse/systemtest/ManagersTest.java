package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.lab.Lab;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Several managers: how they come and go, and what one lost manager changes. */
@Tag("system")
class ManagersTest {
  private static final List<String> MANAGERS = List.of("host1", "host2", "host3");

  /** MANAGER STATUS by host name, "" for a worker, as one of the managers tells it. */
  private static Map<String, String> statuses(Lab lab, String asked) {
    return new DockerCommand(lab, asked)
        .run("node", "ls", "--format", "{{.Hostname}}={{.ManagerStatus}}")
        .lines()
        .map(line -> line.strip().split("=", 2))
        .collect(Collectors.toMap(parts -> parts[0], parts -> parts.length > 1 ? parts[1] : ""));
  }

  private static String leader(Lab lab, String asked) {
    return statuses(lab, asked).entrySet().stream()
        .filter(entry -> entry.getValue().equals("Leader"))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no leader"));
  }

  private static List<String> containers(Lab lab, String host) {
    return new DockerCommand(lab, host).run("ps", "-q", "--no-trunc").lines().sorted().toList();
  }

  private static Stream<String> others(String host) {
    return MANAGERS.stream().filter(other -> !other.equals(host));
  }

  @Test
  void docker_works_through_each_manager_and_survives_the_loss_of_the_leader() throws Exception {
    try (OwnLab own = OwnLab.of("three", 3, 1)) {
      Lab lab = own.lab();
      assertThat(statuses(lab, "host1"))
          .isEqualTo(
              Map.of("host1", "Leader", "host2", "Reachable", "host3", "Reachable", "host4", ""));
      for (String host : MANAGERS) {
        DockerCommand docker = new DockerCommand(lab, host);
        // On the worker, so that the loss of a manager leaves no task without its node.
        docker.create("--name", "by-" + host, "--constraint", "node.role==worker", SharedLab.IMAGE);
        assertThat(docker.run("service", "ls", "--format", "{{.Name}}").lines())
            .contains("by-" + host);
        assertThat(docker.run("info")).contains("Managers: 3", "Nodes: 4", "Is Manager: true");
      }
      List<String> before = containers(lab, "host4");
      for (String host : MANAGERS) {
        // The leader has the way to the worker; the others ask by way of it.
        assertThat(new DockerCommand(lab, host).run("exec", before.getFirst(), "hostname"))
            .isEqualTo(before.getFirst().substring(0, 12));
      }
      String leader = leader(lab, "host2");
      lab.kill(leader);
      String next = others(leader).findFirst().orElseThrow();
      DockerCommand docker = new DockerCommand(lab, next);
      eventually(
          () ->
              assertThat(docker.attempt("config", "create", "after", "/etc/hostname").err())
                  .isEmpty());
      eventually(
          () ->
              assertThat(statuses(lab, next))
                  .containsEntry(leader, "Unreachable")
                  .containsValue("Leader"));
      lab.restart(leader);
      eventually(() -> assertThat(statuses(lab, leader)).containsEntry(leader, "Reachable"));
      assertThat(new DockerCommand(lab, leader).run("config", "ls", "--format", "{{.Name}}"))
          .contains("after");
      assertThat(containers(lab, "host4")).isEqualTo(before);
    }
  }

  @Test
  void all_managers_restart_at_once_and_find_each_other() throws Exception {
    try (OwnLab own = OwnLab.of("restart", 3, 0)) {
      Lab lab = own.lab();
      own.docker().create("--name", "web", "--replicas", "3", SharedLab.IMAGE);
      MANAGERS.forEach(lab::kill);
      for (String host : MANAGERS) {
        lab.start(host, List.of(), Map.of());
      }
      for (String host : MANAGERS) {
        eventually(
            () ->
                assertThat(statuses(lab, host).values())
                    .containsExactlyInAnyOrder("Leader", "Reachable", "Reachable"));
      }
      own.docker().run("service", "update", "--replicas", "4", "--detach", "web");
      assertThat(own.docker().run("service", "ls", "--format", "{{.Replicas}}")).endsWith("/4");
    }
  }

  @Test
  void promotion_and_demotion_do_not_touch_containers() throws Exception {
    try (OwnLab own = OwnLab.of("promote", 1, 2)) {
      Lab lab = own.lab();
      DockerCommand docker = own.docker();
      docker.create("--name", "web", "--mode", "global", SharedLab.IMAGE);
      Map<String, List<String>> before =
          MANAGERS.stream().collect(Collectors.toMap(host -> host, host -> containers(lab, host)));
      docker.run("node", "promote", "host2", "host3");
      eventually(
          () ->
              assertThat(statuses(lab, "host3"))
                  .isEqualTo(
                      Map.of("host1", "Leader", "host2", "Reachable", "host3", "Reachable")));
      // The leader itself is demoted, by another manager.
      new DockerCommand(lab, "host2").run("node", "demote", "host1");
      eventually(() -> assertThat(statuses(lab, "host2")).containsEntry("host1", ""));
      eventually(
          () ->
              assertThat(docker.refused("node", "ls"))
                  .contains("This node is not a swarm manager."));
      eventually(() -> assertThat(statuses(lab, "host2")).containsValue("Leader"));
      String leader = leader(lab, "host2");
      String other = leader.equals("host2") ? "host3" : "host2";
      new DockerCommand(lab, leader).run("node", "demote", other);
      eventually(() -> assertThat(statuses(lab, leader)).containsEntry(other, ""));
      assertThat(new DockerCommand(lab, leader).refused("node", "demote", leader))
          .contains("attempting to demote the last manager of the swarm");
      MANAGERS.forEach(
          host -> assertThat(containers(lab, host)).as(host).isEqualTo(before.get(host)));
    }
  }

  @Test
  void a_manager_that_is_demoted_and_promoted_at_once_counts_again() throws Exception {
    try (OwnLab own = OwnLab.of("regret", 3, 0)) {
      Lab lab = own.lab();
      DockerCommand first = new DockerCommand(lab, "host1");
      for (int round = 0; round < 3; round++) {
        for (String change : List.of("demote", "promote")) {
          eventually(() -> assertThat(first.attempt("node", change, "host3").err()).isEmpty());
        }
      }
      DockerCommand third = new DockerCommand(lab, "host3");
      eventually(
          () ->
              assertThat(third.attempt("config", "create", "through", "/etc/hostname").err())
                  .isEmpty());
      eventually(
          () ->
              assertThat(statuses(lab, "host3").values())
                  .containsExactlyInAnyOrder("Leader", "Reachable", "Reachable"));
      // With one of the others away, it makes the majority.
      lab.kill("host2");
      eventually(
          () ->
              assertThat(first.attempt("config", "create", "with", "/etc/hostname").err())
                  .isEmpty());
      eventually(
          () ->
              assertThat(third.run("config", "ls", "--format", "{{.Name}}").lines())
                  .contains("through", "with"));
    }
  }

  @Test
  void a_manager_leaves_and_joins_again() throws Exception {
    try (OwnLab own = OwnLab.of("leave", 3, 0)) {
      Lab lab = own.lab();
      DockerCommand second = new DockerCommand(lab, "host2");
      assertThat(second.refused("swarm", "leave"))
          .contains("You are attempting to leave the swarm on a node that is participating");
      String old = second.run("info", "--format", "{{.Swarm.NodeID}}");
      second.run("swarm", "leave", "--force");
      DockerCommand first = new DockerCommand(lab, "host1");
      eventually(
          () ->
              assertThat(first.run("node", "inspect", old, "--format", "{{.Spec.Role}}"))
                  .isEqualTo("worker"));
      eventually(() -> assertThat(first.attempt("node", "rm", "--force", old).err()).isEmpty());
      String token = first.run("swarm", "join-token", "-q", "manager");
      second.run("swarm", "join", "--token", token, lab.host("host3").address() + ":2377");
      assertThat(statuses(lab, "host2")).hasSize(3).containsEntry("host2", "Reachable");
    }
  }

  @Test
  void a_manager_comes_back_under_another_address() throws Exception {
    try (OwnLab own = OwnLab.of("moved", 3, 0)) {
      Lab lab = own.lab();
      String before = lab.host("host1").address();
      String after = before.substring(0, before.lastIndexOf('.')) + ".77";
      lab.stop("host1");
      DockerCommand moved = new DockerCommand(lab, "host1");
      String readdress =
          "route=$(ip route show default) && ip addr del \"$1/24\" dev eth0"
              + " && ip addr add \"$2/24\" dev eth0 && ip route replace $route";
      DockerCommand.Result readdressed =
          moved.run(List.of("sh", "-c", readdress, "sh", before, after));
      assertThat(readdressed.status()).as(readdressed.err()).isZero();
      lab.restart("host1");
      DockerCommand second = new DockerCommand(lab, "host2");
      String known =
          "{{.Status.State}} {{.Status.Addr}} {{.ManagerStatus.Reachability}} {{.ManagerStatus.Addr}}";
      eventually(
          () ->
              assertThat(second.run("node", "inspect", "host1", "--format", known))
                  .isEqualTo("ready %s reachable %s:2377".formatted(after, after)));
      // It counts: with one of the others away, it makes the majority.
      lab.kill("host3");
      eventually(() -> moved.run("network", "create", "--driver", "overlay", "moved"));
      eventually(
          () -> assertThat(second.run("network", "ls", "--format", "{{.Name}}")).contains("moved"));
    }
  }

  @Test
  void the_only_survivor_begins_anew_with_what_it_has() throws Exception {
    try (OwnLab own = OwnLab.of("survivor", 3, 0)) {
      Lab lab = own.lab();
      DockerCommand docker = own.docker();
      docker.create("--name", "web", SharedLab.IMAGE);
      lab.kill("host2");
      lab.kill("host3");
      docker.run(
          "swarm", "init", "--force-new-cluster", "--advertise-addr", lab.host("host1").address());
      assertThat(statuses(lab, "host1"))
          .isEqualTo(Map.of("host1", "Leader", "host2", "", "host3", ""));
      docker.run("service", "update", "--detach", "--replicas", "2", "web");
      // Who comes back has been made a worker, and serves the new group.
      lab.restart("host2");
      eventually(
          () ->
              assertThat(docker.run("node", "ls", "--format", "{{.Hostname}} {{.Status}}").lines())
                  .contains("host2 Ready"));
    }
  }
}
