package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.lab.Distribution;
import dev.hanse.lab.HostState;
import dev.hanse.lab.Lab;
import dev.hanse.lab.demo.WebRequest;
import dev.hanse.systemtest.Services.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The only manager is lost with its disk, twice; the workers do not even notice. */
@Tag("system")
class SnapshotTest {
  @TempDir Path directory;

  @Test
  void a_cluster_comes_back_from_its_snapshot_and_no_container_is_touched() throws Exception {
    // host1 is the manager, host2 the worker, host3 a spare machine in no swarm.
    try (OwnLab own = OwnLab.of("snapshot", 1, 2)) {
      Lab lab = own.lab();
      new DockerCommand(lab, "host3").run("swarm", "leave");
      DockerCommand first = own.docker();
      eventually(
          () -> assertThat(first.attempt("node", "rm", "--force", "host3").status()).isZero());
      List<Task> before = createWeb(own);
      String cluster = first.run("info", "-f", "{{.Swarm.Cluster.ID}}");
      String token = first.run("swarm", "join-token", "-q", "worker");
      Path file = directory.resolve("cluster");
      assertThat(hanse(lab, "host1", "save", file).out())
          .contains("saved cluster " + cluster, "2 nodes", "1 service", "1 secret");

      destroy(lab, "host1");
      lab.restart("host1");
      hanse(lab, "host1", "restore", file, "--advertise-addr", lab.host("host1").address());
      assertComeBack(own, "host1", before);
      assertThat(first.run("info", "-f", "{{.Swarm.Cluster.ID}}")).isEqualTo(cluster);
      assertThat(first.run("swarm", "join-token", "-q", "worker")).isEqualTo(token);

      // Now at another address: the worker is told, before there is anybody.
      destroy(lab, "host1");
      String address = lab.host("host3").address();
      run(lab, "host2", List.of("cluster", "reconnect", address));
      hanse(lab, "host3", "restore", file, "--advertise-addr", address);
      assertComeBack(own, "host3", before);

      // And it works: tasks come, the lost machine joins again.
      DockerCommand third = new DockerCommand(lab, "host3");
      third.run("service", "scale", "--detach", "web=3");
      lab.restart("host1");
      first.run("swarm", "join", "--token", token, address + ":2377");
      eventually(
          () -> {
            assertThat(new Services(lab, "host3").running("web")).hasSize(3).containsAll(before);
            assertThat(third.run("node", "ls", "--format", "{{.Hostname}} {{.Status}}").lines())
                .containsExactlyInAnyOrder("host1 Ready", "host2 Ready", "host3 Ready");
          });
    }
  }

  private List<Task> createWeb(OwnLab own) throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), "12345");
    own.docker().run("secret", "create", "password", secret.toString());
    own.docker().run("network", "create", "-d", "overlay", "back");
    own.docker()
        .create(
            "--name",
            "web",
            "--replicas",
            "2",
            "--secret",
            "password",
            "--network",
            "back",
            "--constraint",
            "node.role==worker",
            "-p",
            "8080:80",
            SharedLab.IMAGE);
    return own.services().running("web");
  }

  /** The daemon dies, and nothing of its swarm is left on its disk. */
  private static void destroy(Lab lab, String host) throws IOException {
    lab.powerOff(host);
    HostState state = lab.host(host);
    for (String directory : List.of("swarm", "managers", "tasks")) {
      Path root = state.dataRoot().resolve(directory);
      if (Files.exists(root)) {
        try (Stream<Path> files = Files.walk(root)) {
          for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(file);
          }
        }
      }
    }
  }

  /** Everything is shown, and the same containers with the same processes run. */
  private static void assertComeBack(OwnLab own, String manager, List<Task> before) {
    DockerCommand docker = new DockerCommand(own.lab(), manager);
    assertThat(docker.run("secret", "ls", "--format", "{{.Name}}")).isEqualTo("password");
    assertThat(docker.run("network", "ls", "-q", "--filter", "name=back")).isNotEmpty();
    eventually(
        () -> {
          assertThat(docker.run("node", "ls", "--format", "{{.Hostname}} {{.Status}}").lines())
              .containsExactlyInAnyOrder(manager + " Ready", "host2 Ready");
          assertThat(new Services(own.lab(), manager).tasks("web"))
              .containsExactlyInAnyOrderElementsOf(before);
          for (String host : List.of(manager, "host2")) {
            assertThat(WebRequest.send(own.lab().host(host).address(), 8080).status())
                .isEqualTo(200);
          }
        });
  }

  private DockerCommand.Result hanse(
      Lab lab, String host, String command, Path file, String... options) throws IOException {
    Path passphrase = directory.resolve("passphrase");
    Files.writeString(passphrase, "correct horse battery staple\n");
    List<String> arguments = new ArrayList<>(List.of("cluster", "snapshot", command));
    arguments.addAll(List.of("--passphrase-file", passphrase.toString()));
    arguments.addAll(List.of(options));
    arguments.add(file.toString());
    return run(lab, host, arguments);
  }

  private static DockerCommand.Result run(Lab lab, String host, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(Distribution.launcher().toString()));
    command.addAll(arguments);
    DockerCommand.Result result = new DockerCommand(lab, host).run(command);
    assertThat(result.status()).as("%s: %s%s", command, result.out(), result.err()).isZero();
    return result;
  }
}
