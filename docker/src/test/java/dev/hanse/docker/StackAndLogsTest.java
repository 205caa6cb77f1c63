package dev.hanse.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.store.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A stack by the docker CLI, and logs of a node that is not there. */
@Timeout(120)
final class StackAndLogsTest {
  private final Path directory;
  private final TestSwarm swarm;
  private final Cli docker;

  StackAndLogsTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    this.swarm = new TestSwarm(directory);
    this.docker = swarm.cli();
  }

  @BeforeEach
  void begin() throws Exception {
    docker.ok("swarm", "init", "--advertise-addr", "127.0.0.1");
    swarm.nodeIsReady();
  }

  @AfterEach
  void end() throws IOException {
    swarm.close();
  }

  @Test
  void aStackIsDeployedAndRemoved() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("stack.yml"),
            """
            version: "3.8"
            services:
              web:
                image: nginx:1
                ports: ["8080:80"]
                networks: [front]
                configs: [motd]
                deploy: {replicas: 2, labels: {tier: front}}
              worker:
                image: busybox:1
                command: sleep 100
                networks: [front]
                healthcheck: {test: "true", interval: 3s}
            networks:
              front: {attachable: true}
            configs:
              motd: {file: motd.txt}
            """);
    Files.writeString(directory.resolve("motd.txt"), "hello");
    assertThat(
            docker.ok("stack", "deploy", "--resolve-image", "never", "-c", file.toString(), "shop"))
        .contains("Creating network shop_front", "Creating config shop_motd")
        .contains("Creating service shop_web", "Creating service shop_worker");
    assertThat(docker.ok("stack", "ls", "--format", "{{.Name}} {{.Services}}")).isEqualTo("shop 2");
    assertThat(
            docker.ok("stack", "services", "shop", "--format", "{{.Name}} {{.Replicas}}").lines())
        .containsExactlyInAnyOrder("shop_web 0/2", "shop_worker 0/1");
    assertThat(
            docker.ok(
                "service",
                "inspect",
                "shop_web",
                "-f",
                "{{(index .Spec.TaskTemplate.Networks 0).Aliases}}"))
        .isEqualTo("[web]");
    assertThat(
            docker.updates(
                "stack", "deploy", "--resolve-image", "never", "-c", file.toString(), "shop"))
        .contains("Updating service shop_web");
    swarm.runTasks();
    Thread node = Thread.ofVirtual().start(this::stopTasks);
    assertThat(docker.run("", "stack", "rm", "shop").all())
        .contains("Removing service shop_web", "Removing network shop_front");
    node.join();
    assertThat(docker.ok("service", "ls", "-q")).isEmpty();
  }

  private void stopTasks() {
    try {
      swarm.await("no service", snapshot -> snapshot.size(Kind.SERVICE) == 0);
      swarm.runTasks();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void logsOfANodeThatIsNotThereAreMissing() throws Exception {
    docker.ok("service", "create", "-d", "--no-resolve-image", "--name", "web", "nginx:1");
    swarm.await("a task", snapshot -> !snapshot.tasksOfNode(swarm.nodeId()).isEmpty());
    swarm.runTasks();
    assertThat(docker.run("", "service", "logs", "web").errors())
        .contains("incomplete log stream", "some logs could not be retrieved", swarm.nodeId());
    assertThat(docker.fails("service", "logs", "nope")).contains("no such task or service: nope");
  }
}
