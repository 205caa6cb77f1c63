package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.lab.Lab;
import dev.hanse.systemtest.Services.Task;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets, configs and volumes in containers. */
@OnSharedLab
class SecretTest {
  private static final String TREASURE = "amber and herring 4711";

  private final Lab lab;
  private final DockerCommand docker;
  private final Services services;
  @TempDir Path directory;

  SecretTest(Lab lab, DockerCommand docker) {
    this.lab = lab;
    this.docker = docker;
    this.services = new Services(lab);
  }

  @Test
  void a_secret_is_in_memory_in_the_container_and_nowhere_in_the_clear_on_a_workers_disk()
      throws Exception {
    docker.run("secret", "create", "hoard", file(TREASURE).toString());
    docker.create(
        "--name",
        "web",
        "--constraint",
        "node.role==worker",
        "--secret",
        "source=hoard,target=gold,mode=0400",
        SharedLab.IMAGE);
    Task task = services.awaitRunning("web", 1).getFirst();
    DockerCommand host = new DockerCommand(lab, task.host());
    assertThat(host.run("exec", task.containerId(), "cat", "/run/secrets/gold"))
        .isEqualTo(TREASURE);
    assertThat(host.run("exec", task.containerId(), "stat", "-c", "%a", "/run/secrets/gold"))
        .isEqualTo("400");
    assertThat(host.run("exec", task.containerId(), "grep", "/run/secrets", "/proc/mounts"))
        .contains("tmpfs");
    assertThat(filesWith(TREASURE, lab.host(task.host()).dataRoot())).isEmpty();
    assertThat(docker.run("secret", "inspect", "hoard")).doesNotContain(TREASURE);
    assertThat(docker.refused("secret", "rm", "hoard"))
        .contains("is in use by the following service: web");
  }

  @Test
  void a_config_is_a_file_in_the_container() throws Exception {
    docker.run("config", "create", "port", file("80").toString());
    docker.create(
        "--name",
        "web",
        "--config",
        "source=port,target=/etc/port,uid=80,mode=0440",
        SharedLab.IMAGE);
    Task task = services.awaitRunning("web", 1).getFirst();
    DockerCommand host = new DockerCommand(lab, task.host());
    assertThat(
            host.run(
                "exec",
                task.containerId(),
                "sh",
                "-c",
                "cat /etc/port; stat -c ' %u %a' /etc/port"))
        .isEqualTo("80 80 440");
    assertThat(docker.run("config", "inspect", "--pretty", "port"))
        .contains("Name:\t\t\tport", "80");
  }

  @Test
  void a_secret_of_that_name_exists_only_once() throws Exception {
    docker.run("secret", "create", "hoard", file("a").toString());
    assertThat(docker.refused("secret", "create", "hoard", file("b").toString()))
        .contains("secret hoard already exists");
  }

  @Test
  void a_volume_outlives_its_tasks() throws Exception {
    docker.create(
        "--name",
        "web",
        "--constraint",
        "node.hostname==host2",
        "--restart-delay",
        "0s",
        "--mount",
        "type=volume,source=cargo,destination=/cargo",
        SharedLab.IMAGE);
    DockerCommand host = new DockerCommand(lab, "host2");
    Task first = services.awaitRunning("web", 1).getFirst();
    host.run("exec", first.containerId(), "sh", "-c", "echo salt > /cargo/hold");
    docker.run("service", "update", "--force", "--update-monitor", "100ms", "web");
    Task second = services.awaitRunning("web", 1).getFirst();
    assertThat(second.id()).isNotEqualTo(first.id());
    assertThat(host.run("exec", second.containerId(), "cat", "/cargo/hold")).isEqualTo("salt");
    assertThat(host.run("volume", "ls", "-q")).contains("cargo");
    assertThat(host.run("volume", "inspect", "-f", "{{.Driver}} {{.Scope}}", "cargo"))
        .isEqualTo("local local");
    assertThat(host.refused("volume", "rm", "cargo")).contains("volume is in use");
    docker.run("service", "rm", "web");
    services.awaitGone("web");
    eventually(() -> assertThat(host.attempt("volume", "rm", "cargo").err()).isEmpty());
    host.run("volume", "create", "--label", "a=b", "empty");
    host.run("volume", "rm", "empty");
  }

  private Path file(String content) throws IOException {
    return Files.writeString(directory.resolve("content"), content);
  }

  private static Stream<Path> filesWith(String text, Path tree) throws IOException {
    Process grep = new ProcessBuilder("grep", "-rlF", text, tree.toString()).start();
    return new String(grep.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
        .lines()
        .map(Path::of);
  }
}
