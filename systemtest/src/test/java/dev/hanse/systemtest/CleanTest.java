package dev.hanse.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.lab.Distribution;
import dev.hanse.lab.HostState;
import dev.hanse.lab.Lab;
import dev.hanse.lab.LabPlan;
import dev.hanse.lab.ProcessIdentity;
import dev.hanse.systemtest.Services.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** {@code hanse clean} on a host whose daemon was killed at work. */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CleanTest {
  private static final String FORWARDING = "/proc/sys/net/ipv4/ip_forward";

  private OwnLab own;
  private DockerCommand docker;
  private HostState host;

  @BeforeAll
  void make() {
    own = OwnLab.of(LabPlan.of(SharedLab.name("clean"), 1, 0));
    docker = own.docker();
    host = own.lab().hosts().getFirst();
  }

  @AfterAll
  void take_down() {
    own.close();
  }

  @Test
  void after_clean_the_host_is_as_if_the_daemon_had_never_run() throws Exception {
    Lab lab = own.lab();
    Traces traces = new Traces(lab, host.name());
    docker.run("network", "create", "--driver", "overlay", "inner");
    docker.create(
        "--name",
        "web",
        "--network",
        "inner",
        "-p",
        "8080:80",
        "--publish",
        "mode=host,published=9090,target=80",
        "--mount",
        "type=volume,target=/data",
        SharedLab.IMAGE);
    ProcessIdentity container =
        own.services().running("web").stream()
            .map(Task::pid)
            .flatMap(pid -> ProcessIdentity.of(pid).stream())
            .findFirst()
            .orElseThrow();
    assertThat(traces.links()).contains("hanse-egress").hasSizeGreaterThan(5);
    assertThat(command("cat", FORWARDING).out().strip()).isEqualTo("1");

    DockerCommand.Result refused = clean("--data");
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.err()).contains("the daemon runs (process ").contains("nothing was removed");
    assertThat(container.alive()).isTrue();
    assertThat(own.services().running("web")).hasSize(1);

    lab.kill(host.name());
    assertThat(container.alive()).isTrue();
    DockerCommand.Result ofAnother = run("clean", "--data-root", "/nowhere");
    assertThat(ofAnother.status()).isEqualTo(1);
    assertThat(ofAnother.err()).contains("nothing was removed");
    assertThat(container.alive()).isTrue();
    succeeds(clean());
    assertThat(container.alive()).isFalse();
    assertThat(traces.links()).containsExactlyInAnyOrder("lo", "eth0");
    assertThat(traces.packetRules()).isEmpty();
    assertThat(traces.mounts()).isEmpty();
    assertThat(traces.processes()).isEmpty();
    assertThat(traces.all().get("control groups")).isEmpty();
    assertThat(command("ip", "rule").lines()).hasSize(3); // The kernel's own.
    assertThat(command("cat", FORWARDING).out().strip()).isEqualTo("0");
    // What the lab has put there.
    assertThat(names(host.execRoot())).isSubsetOf("daemon.log", "daemon.pid");
    assertThat(names(host.dataRoot())).contains("volumes", "swarm");

    Path mistyped = Files.createDirectories(Path.of("target", "mistyped").toAbsolutePath());
    Files.writeString(mistyped.resolve("precious"), "");
    succeeds(run("clean", "--data", "--data-root", mistyped.toString()));
    assertThat(names(mistyped)).containsExactly("precious");

    succeeds(clean("--data"));
    assertThat(host.dataRoot()).doesNotExist();
    succeeds(clean("--data")); // Nothing is there.

    // A machine like any other: it can be used again.
    lab.restart(host.name());
    docker.run("swarm", "init");
  }

  private static void succeeds(DockerCommand.Result result) {
    assertThat(result.status()).as("%s%s", result.out(), result.err()).isZero();
    assertThat(result.err()).isEmpty();
  }

  private DockerCommand.Result clean(String... options) {
    List<String> words =
        new ArrayList<>(List.of("clean", "--data-root", host.dataRoot().toString()));
    words.addAll(List.of(options));
    return run(words.toArray(String[]::new));
  }

  private DockerCommand.Result run(String... words) {
    List<String> command = new ArrayList<>(List.of(Distribution.launcher().toString()));
    command.addAll(List.of(words));
    command.addAll(List.of("--exec-root", host.execRoot().toString(), "--containerd", "private"));
    return docker.run(command);
  }

  private DockerCommand.Result command(String... words) {
    return docker.run(List.of(words));
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).toList();
    }
  }
}
