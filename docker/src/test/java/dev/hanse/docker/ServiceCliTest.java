package dev.hanse.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.model.Service;
import dev.hanse.model.TaskState;
import dev.hanse.store.Kind;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Services and their tasks by the docker CLI. */
@Timeout(180)
final class ServiceCliTest {
  private static final String ERROR = "Error response from daemon: ";
  private static final String RPC = ERROR + "rpc error: code = ";

  private final TestSwarm swarm;
  private final Cli docker;

  ServiceCliTest(@TempDir Path directory) throws IOException {
    swarm = new TestSwarm(directory);
    docker = swarm.cli();
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

  private String create(String... arguments) throws Exception {
    String[] all = new String[arguments.length + 4];
    all[0] = "service";
    all[1] = "create";
    all[2] = "--detach";
    all[3] = "--no-resolve-image";
    System.arraycopy(arguments, 0, all, 4, arguments.length);
    return docker.ok(all);
  }

  private void awaitRunning(String name, int replicas) throws Exception {
    swarm.await(
        replicas + " tasks of " + name + " on the node",
        snapshot ->
            snapshot.findByName(Kind.SERVICE, name).stream()
                    .flatMap(service -> snapshot.tasksOfService(service.getId()).stream())
                    .filter(task -> task.getDesiredState() == TaskState.RUNNING)
                    .filter(task -> task.getNodeId().equals(swarm.nodeId()))
                    .filter(task -> task.getStatus().getStateValue() >= TaskState.ASSIGNED_VALUE)
                    .count()
                == replicas);
    swarm.runTasks();
  }

  @Test
  void aServiceLives() throws Exception {
    String id =
        create("--name", "web", "--replicas", "3", "-p", "8080:80", "-l", "tier=front", "nginx:1");
    assertThat(id).hasSize(25);
    awaitRunning("web", 3);
    assertThat(docker.ok("service", "ls"))
        .contains("web", "replicated", "3/3", "nginx:1", "*:8080->80/tcp");
    assertThat(docker.ok("service", "ls", "-q", "--filter", "label=tier=front"))
        .isEqualTo(id.substring(0, 12));
    assertThat(docker.ok("service", "ls", "-q", "--filter", "label=tier=back")).isEmpty();
    assertThat(docker.ok("service", "ls", "-q", "--filter", "mode=global")).isEmpty();
    assertThat(
            docker.ok("service", "ps", "web", "--format", "{{.Name}} {{.Node}} {{.DesiredState}}"))
        .contains("web.1 host-one Running", "web.2 host-one Running", "web.3 host-one Running");
    assertThat(docker.ok("node", "ps", "self", "-q").lines()).hasSize(3);
    assertThat(docker.ok("service", "inspect", "--pretty", "web"))
        .contains("Service Mode:\tReplicated", "Replicas:\t3", "PublishedPort = 8080");
    assertThat(docker.ok("service", "inspect", id.substring(0, 5), "-f", "{{.Spec.Name}}"))
        .isEqualTo("web");
    assertThat(
            docker.ok(
                "service",
                "inspect",
                "web",
                "-f",
                "{{range .Endpoint.Ports}}{{.PublishedPort}}{{end}}"))
        .isEqualTo("8080");

    docker.updates("service", "scale", "--detach", "web=1");
    assertThat(docker.ok("service", "inspect", "web", "-f", "{{.Spec.Mode.Replicated.Replicas}}"))
        .isEqualTo("1");
    docker.ok("service", "rm", "web");
    assertThat(docker.ok("service", "ls", "-q")).isEmpty();
  }

  @Test
  void anUpdateIsRolledBack() throws Exception {
    create("--name", "web", "nginx:1");
    docker.updates(
        "service",
        "update",
        "--detach",
        "--no-resolve-image",
        "--image",
        "nginx:2",
        "--env-add",
        "A=1",
        "web");
    assertThat(
            docker.ok(
                "service",
                "inspect",
                "web",
                "-f",
                "{{.Spec.TaskTemplate.ContainerSpec.Image}} {{.PreviousSpec.TaskTemplate.ContainerSpec.Image}}"))
        .isEqualTo("nginx:2 nginx:1");
    docker.updates("service", "rollback", "--detach", "web");
    assertThat(
            docker.ok(
                "service",
                "inspect",
                "web",
                "-f",
                "{{.Spec.TaskTemplate.ContainerSpec.Image}} {{.Spec.TaskTemplate.ContainerSpec.Env}}"))
        .isEqualTo("nginx:1 []");
    docker.updates(
        "service", "update", "--detach", "--publish-add", "8081:81", "--replicas", "2", "web");
    assertThat(docker.ok("service", "ls", "--format", "{{.Replicas}} {{.Ports}}"))
        .isEqualTo("0/2 *:8081->81/tcp");
  }

  @Test
  void progressConverges() throws Exception {
    Thread node =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    awaitRunning("slow", 2);
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                });
    assertThat(
            docker.ok(
                "service",
                "create",
                "--no-resolve-image",
                "--name",
                "slow",
                "--replicas",
                "2",
                "--update-monitor",
                "1s",
                "busybox:1"))
        .contains("overall progress: 2 out of 2 tasks", "verify: Service", "converged");
    node.join();
  }

  @Test
  void publishingAPortKeepsTheTasks() throws Exception {
    create("--name", "web", "-p", "8080:80", "nginx:1");
    awaitRunning("web", 1);
    String task = docker.ok("service", "ps", "-q", "web");
    assertThat(
            docker.updates(
                "service",
                "update",
                "--no-resolve-image",
                "--update-monitor",
                "1s",
                "--publish-add",
                "8081:80",
                "web"))
        .contains("converged");
    assertThat(docker.ok("service", "ps", "-q", "web")).isEqualTo(task);
    assertThat(docker.ok("service", "ls", "--format", "{{.Ports}}"))
        .isEqualTo("*:8080-8081->80/tcp");
  }

  @Test
  void credentialsTravelWithTheService() throws Exception {
    create("--name", "web", "nginx:1");
    Service plain = swarm.snapshot().findByName(Kind.SERVICE, "web").orElseThrow();
    assertThat(plain.getSpec().getTask().getContainer().getPullOptions().getRegistryAuth())
        .isEmpty();
    create("--name", "private", "--with-registry-auth", "reg.example:5000/a:1");
    Service before = swarm.snapshot().findByName(Kind.SERVICE, "private").orElseThrow();
    String auth = before.getSpec().getTask().getContainer().getPullOptions().getRegistryAuth();
    assertThat(auth).isNotEmpty();
    docker.updates("service", "update", "--detach", "--env-add", "A=1", "private");
    Service after = swarm.snapshot().findByName(Kind.SERVICE, "private").orElseThrow();
    assertThat(after.getSpec().getTask().getContainer().getPullOptions().getRegistryAuth())
        .isEqualTo(auth);
  }

  @Test
  void badServicesAreRefusedInDockersWords() throws Exception {
    create("--name", "web", "-p", "8080:80", "nginx:1");
    assertThat(docker.fails("service", "create", "--no-resolve-image", "--name", "web", "nginx:1"))
        .isEqualTo(
            RPC
                + "AlreadyExists desc = name conflicts with an existing object: service web already exists");
    assertThat(docker.fails("service", "create", "--no-resolve-image", "--name", "w b", "nginx:1"))
        .isEqualTo(RPC + "InvalidArgument desc = name must be valid as a DNS name component");
    assertThat(docker.fails("service", "create", "--no-resolve-image", "-p", "8080:80", "nginx:1"))
        .contains("port '8080' is already in use by service 'web' (")
        .contains("as an ingress port");
    assertThat(
            docker.fails("service", "create", "--no-resolve-image", "--constraint", "x", "nginx:1"))
        .contains("constraint expected one operator from ==, !=");
    assertThat(
            docker.fails(
                "service", "create", "--no-resolve-image", "--network", "nonet", "nginx:1"))
        .containsAnyOf("network nonet not found", "No such network: nonet");
    assertThat(docker.fails("service", "inspect", "nope")).contains("no such service: nope");
    assertThat(docker.fails("service", "rm", "nope"))
        .containsAnyOf("service nope not found", "No such service: nope");
    assertThat(docker.fails("service", "ps", "nope")).contains("no such service: nope");
    assertThat(docker.fails("service", "ls", "--filter", "foo=bar"))
        .isEqualTo(ERROR + "invalid filter 'foo'");
    assertThat(docker.fails("service", "rollback", "--detach", "web"))
        .contains("does not have a previous spec");
  }

  @Test
  void jobsAndGlobalServicesAreShown() throws Exception {
    create("--name", "everywhere", "--mode", "global", "nginx:1");
    awaitRunning("everywhere", 1);
    assertThat(docker.ok("service", "ls", "--format", "{{.Name}} {{.Mode}} {{.Replicas}}"))
        .isEqualTo("everywhere global 1/1");
  }
}
