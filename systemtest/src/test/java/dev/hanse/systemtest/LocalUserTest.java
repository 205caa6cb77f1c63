package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.lab.HostState;
import dev.hanse.lab.Lab;
import dev.hanse.systemtest.Services.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user of a host who is nobody there looks at what the daemon keeps, and runs what he finds. */
@OnSharedLab
@Tag("attack")
class LocalUserTest {
  private static final int NOBODY = 65534;

  /** Says for each path of its input what may be done with it. */
  private static final String PROBE =
      "while IFS= read -r path; do for may in r w x; do"
          + " [ -$may \"$path\" ] && echo \"$may $path\"; done; done; true";

  private final Lab lab;
  private final DockerCommand docker;
  private final Services services;
  @TempDir Path directory;

  LocalUserTest(Lab lab, DockerCommand docker) {
    this.lab = lab;
    this.docker = docker;
    this.services = new Services(lab);
  }

  @Test
  void he_finds_nothing_to_read_list_or_execute_but_the_socket_by_its_group() throws Exception {
    Path secret = Files.writeString(directory.resolve("secret"), "hush");
    docker.run("secret", "create", "hoard", secret.toString());
    docker.create(
        "--name",
        "web",
        "--replicas",
        "4",
        "--secret",
        "hoard",
        "--mount",
        "type=volume,source=depot,target=/depot",
        "--mount",
        "type=bind,source=/usr/bin/id,target=/id,readonly",
        SharedLab.IMAGE,
        "sh",
        "-c",
        "[ -e /depot/root ] || cp /id /depot/root; chmod 4755 /depot/root; chmod 777 /depot;"
            + " cat /run/secrets/hoard; while true; do echo told; sleep 1; done");
    List<Task> tasks = services.awaitRunning("web", 4);
    Task one = tasks.getFirst();
    HostState host = lab.host(one.host());
    Path planted = host.dataRoot().resolve("volumes/depot/_data/root");
    eventually(() -> assertThat(mode(planted)).isEqualTo(04755));
    Path log = host.dataRoot().resolve("logs").resolve(one.containerId());
    eventually(() -> assertThat(log).isNotEmptyDirectory());

    for (HostState each : lab.hosts()) {
      List<Path> all = new ArrayList<>(everythingBelow(each.dataRoot()));
      all.addAll(everythingBelow(each.execRoot()));
      assertThat(all.size()).isGreaterThan(20);
      assertThat(allowed(List.of(), all)).containsExactlyInAnyOrder("x " + each.execRoot());
      int group = (Integer) Files.getAttribute(each.socket(), "unix:gid");
      assertThat(mode(each.socket())).isEqualTo(0660);
      assertThat(allowed(List.of("--groups=" + group), List.of(each.socket())))
          .containsExactlyInAnyOrder("r " + each.socket(), "w " + each.socket());
    }
    assertThat(mode(host.dataRoot())).isEqualTo(0710);
    try (Stream<Path> files = Files.list(log)) {
      assertThat(files.toList()).isNotEmpty().allMatch(file -> modeOf(file) == 0640);
    }

    // The same file where he comes to it makes him root: only the way to it is closed.
    Path shared = Files.createDirectory(host.dataRoot().resolveSibling("reachable"));
    try {
      Path copy = Files.copy(planted, shared.resolve("root"));
      Files.setAttribute(shared, "unix:mode", 0755);
      Files.setAttribute(copy, "unix:mode", 04755);
      assertThat(as(List.of(), "exec " + copy + " -u", "")).isEqualTo("0\n");
      assertThat(as(List.of(), "exec " + planted + " -u 2>&1", "")).contains("Permission denied");
      Files.delete(copy);
    } finally {
      Files.delete(shared);
    }
  }

  @Test
  void a_container_that_is_not_root_comes_to_its_volume_and_secret() throws Exception {
    Path secret = Files.writeString(directory.resolve("secret"), "hush");
    docker.run("secret", "create", "hoard", secret.toString());
    docker.create(
        "--name",
        "web",
        "--user",
        "1234:1234",
        "--secret",
        "source=hoard,target=hoard,uid=1234,mode=0400",
        "--mount",
        "type=volume,source=depot,target=/tmp",
        SharedLab.IMAGE,
        "sh",
        "-c",
        "ls /tmp && cat /run/secrets/hoard /etc/hosts /etc/resolv.conf > /dev/null && sleep 1000");
    Task task = services.awaitRunning("web", 1).getFirst();
    DockerCommand host = new DockerCommand(lab, task.host());
    assertThat(host.run("exec", task.containerId(), "cat", "/run/secrets/hoard")).isEqualTo("hush");
  }

  /** What nobody may do with paths, which he is told: he need not find them by listing. */
  private static List<String> allowed(List<String> groups, List<Path> paths) throws Exception {
    return as(groups, PROBE, paths.stream().map(path -> path + "\n").collect(Collectors.joining()))
        .lines()
        .toList();
  }

  private static String as(List<String> groups, String line, String input) throws Exception {
    List<String> command = new ArrayList<>(List.of("setpriv", "--reuid=" + NOBODY));
    command.add("--regid=" + NOBODY);
    command.addAll(groups.isEmpty() ? List.of("--clear-groups") : groups);
    command.addAll(List.of("--inh-caps=-all", "sh", "-c", line));
    Path given = Files.createTempFile("local-user", "");
    try {
      Files.writeString(given, input);
      Process process =
          new ProcessBuilder(command)
              .directory(Path.of("/").toFile())
              .redirectInput(given.toFile())
              .redirectErrorStream(true)
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return output;
    } finally {
      Files.delete(given);
    }
  }

  /** Without what links point to, and without the insides of containers' namespaces. */
  private static List<Path> everythingBelow(Path root) throws Exception {
    Process find =
        new ProcessBuilder("find", root.toString(), "!", "-type", "l", "!", "-name", "*\n*")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    List<Path> all =
        new String(find.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .map(Path::of)
            .toList();
    find.waitFor();
    return all;
  }

  private static int mode(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
  }

  private static int modeOf(Path path) {
    try {
      return mode(path);
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    }
  }
}
