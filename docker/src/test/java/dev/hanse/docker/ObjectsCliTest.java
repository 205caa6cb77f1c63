package dev.hanse.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.store.Kind;
import dev.hanse.web.RawClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes, networks, secrets, configs and events by the docker CLI and by raw HTTP. */
@Timeout(120)
final class ObjectsCliTest {
  private final TestSwarm swarm;
  private final Cli docker;

  ObjectsCliTest(@TempDir Path directory) throws IOException {
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

  @Test
  void nodesAreListedChangedAndKept() throws Exception {
    String id = swarm.nodeId();
    assertThat(
            docker.ok(
                "node",
                "ls",
                "--format",
                "{{.ID}} {{.Self}} {{.Hostname}} {{.Status}} {{.Availability}} {{.ManagerStatus}}"))
        .isEqualTo(id + " true host-one Ready Active Leader");
    docker.updates(
        "node", "update", "--label-add", "zone=a", "--availability", "drain", "host-one");
    assertThat(
            docker.ok(
                "node", "inspect", "self", "-f", "{{.Spec.Availability}} {{.Spec.Labels.zone}}"))
        .isEqualTo("drain a");
    assertThat(docker.ok("node", "ls", "-q", "--filter", "node.label=zone=a")).isEqualTo(id);
    assertThat(docker.ok("node", "ls", "-q", "--filter", "role=worker")).isEmpty();
    assertThat(docker.fails("node", "inspect", "nope"))
        .containsAnyOf("node nope not found", "No such node: nope");
    assertThat(docker.fails("node", "rm", id))
        .contains(
            "is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal");
    assertThat(docker.fails("node", "demote", id))
        .contains("attempting to demote the last manager of the swarm");
  }

  @Test
  void networksAreMadeAndRemoved() throws Exception {
    String id =
        docker.ok(
            "network",
            "create",
            "-d",
            "overlay",
            "--attachable",
            "--subnet",
            "10.88.0.0/24",
            "--gateway",
            "10.88.0.1",
            "-o",
            "com.docker.network.driver.mtu=1400",
            "--label",
            "a=b",
            "front");
    assertThat(id).hasSize(25);
    swarm.await("a subnet", snapshot -> snapshot.find(Kind.NETWORK, id).orElseThrow().hasIpam());
    assertThat(
            docker.ok(
                "network",
                "inspect",
                "front",
                "-f",
                "{{.Scope}} {{.Driver}} {{.Attachable}} {{.Labels.a}} {{range .IPAM.Config}}{{.Subnet}} {{.Gateway}}{{end}}"))
        .isEqualTo("swarm overlay true b 10.88.0.0/24 10.88.0.1");
    assertThat(docker.ok("network", "ls", "--format", "{{.Name}} {{.Driver}} {{.Scope}}").lines())
        .containsExactlyInAnyOrder(
            "front overlay swarm",
            "ingress overlay swarm",
            "bridge bridge local",
            "docker_gwbridge bridge local",
            "host host local",
            "none null local");
    assertThat(docker.ok("network", "ls", "-q", "--filter", "label=a=b"))
        .isEqualTo(id.substring(0, 12));
    assertThat(docker.fails("network", "create", "-d", "overlay", "front"))
        .isEqualTo("Error response from daemon: network with name front already exists");
    // Older command lines have no flag for it.
    String six = "{\"Name\":\"six\",\"Driver\":\"overlay\",\"EnableIPv4\":false%s}";
    assertThat(request("POST", "/networks/create", six.formatted("")))
        .isEqualTo("400 {\"message\":\"IPv4 or IPv6 must be enabled\"}");
    assertThat(request("POST", "/networks/create", six.formatted(",\"EnableIPv6\":true")))
        .contains("networks without IPv4 (EnableIPv4) are not supported");
    assertThat(docker.fails("network", "create", "-d", "nodrv", "x"))
        .contains("plugin \"nodrv\" not found");
    assertThat(docker.fails("network", "create", "x")).contains("cannot be created");
    assertThat(docker.fails("network", "inspect", "nope"))
        .containsAnyOf("network nope not found", "No such network: nope");
    assertThat(docker.fails("network", "rm", "bridge"))
        .contains("bridge is a pre-defined network and cannot be removed");
    docker.ok(
        "service",
        "create",
        "-d",
        "--no-resolve-image",
        "--name",
        "web",
        "--network",
        "front",
        "nginx:1");
    assertThat(docker.fails("network", "rm", "front"))
        .contains("code = FailedPrecondition", "is in use by service");
    assertThat(
            docker.ok(
                "service",
                "inspect",
                "web",
                "-f",
                "{{(index .Spec.TaskTemplate.Networks 0).Target}}"))
        .isEqualTo(id);
    docker.ok("network", "create", "-d", "overlay", "unused");
    assertThat(docker.ok("network", "prune", "-f")).contains("unused").doesNotContain("front");
    String peers = "{{range .Peers}}{{.Name}} {{.IP}}{{end}}";
    assertThat(docker.ok("network", "inspect", "front", "-f", peers)).isEmpty();
    swarm.await(
        "a task on the node",
        snapshot ->
            snapshot.tasksOfNetwork(id).stream().anyMatch(task -> !task.getNodeId().isEmpty()));
    swarm.runTasks();
    assertThat(docker.ok("network", "inspect", "front", "-f", peers))
        .isEqualTo(swarm.nodeId() + " 127.0.0.1");
    docker.ok("service", "rm", "web");
    swarm.runTasks();
    swarm.await("no tasks", snapshot -> snapshot.tasksOfNetwork(id).isEmpty());
    docker.ok("network", "rm", "front");
    assertThat(docker.ok("network", "ls", "-q", "--filter", "name=front")).isEmpty();
  }

  @Test
  void secretsAndConfigsAreKept() throws Exception {
    Cli.Result secret = docker.run("hush", "secret", "create", "-l", "a=b", "password", "-");
    assertThat(secret.exit()).as(secret.all()).isZero();
    assertThat(docker.run("x", "secret", "create", "password", "-").errors())
        .isEqualTo(
            "Error response from daemon: rpc error: code = AlreadyExists desc = secret password already exists");
    assertThat(docker.ok("secret", "inspect", "password"))
        .contains("\"a\": \"b\"")
        .doesNotContain("hush", "Data");
    assertThat(docker.run("k=v", "config", "create", "app", "-").exit()).isZero();
    assertThat(docker.ok("config", "inspect", "--pretty", "app")).contains("k=v");
    docker.ok(
        "service",
        "create",
        "-d",
        "--no-resolve-image",
        "--name",
        "web",
        "--secret",
        "password",
        "--config",
        "app",
        "nginx:1");
    assertThat(docker.fails("secret", "rm", "password"))
        .contains("secret 'password' is in use by the following service: web");
    assertThat(docker.fails("config", "rm", "app"))
        .contains("config 'app' is in use by the following service: web");
    docker.ok("service", "rm", "web");
    docker.ok("secret", "rm", "password");
    docker.ok("config", "rm", "app");
    assertThat(docker.ok("secret", "ls", "-q") + docker.ok("config", "ls", "-q")).isEmpty();
    assertThat(docker.run("x".repeat(500 * 1024 - 1), "secret", "create", "most", "-").exit())
        .isZero();
    assertThat(docker.run("x".repeat(500 * 1024), "secret", "create", "more", "-").errors())
        .contains("secret data must be larger than 0 and less than 512000 bytes");
  }

  @Test
  void eventsTellWhatHappened() throws Exception {
    String before = Long.toString(System.currentTimeMillis() / 1000 - 1);
    docker.ok("service", "create", "-d", "--no-resolve-image", "--name", "web", "nginx:1");
    docker.updates("service", "update", "-d", "--replicas", "2", "web");
    docker.ok("service", "rm", "web");
    String now = Long.toString(System.currentTimeMillis() / 1000 + 1);
    assertThat(
            docker
                .ok(
                    "events",
                    "--since",
                    before,
                    "--until",
                    now,
                    "--filter",
                    "type=service",
                    "--format",
                    "{{.Type}} {{.Action}} {{.Scope}} {{.Actor.Attributes.name}}")
                .lines())
        .startsWith("service create swarm web")
        .contains("service update swarm web")
        .endsWith("service remove swarm web");
    assertThat(
            docker.ok(
                "events",
                "--since",
                before,
                "--until",
                now,
                "--filter",
                "event=update",
                "--format",
                "{{json .Actor.Attributes}}"))
        .contains("\"replicas.new\":\"2\",\"replicas.old\":\"1\"");
    assertThat(docker.ok("events", "--since", before, "--until", now, "--filter", "scope=local"))
        .isEmpty();
  }

  @Test
  void eventsStreamUntilTheClientGoes() throws Exception {
    try (RawClient client = RawClient.connect(swarm.socket())) {
      client.send(
          "GET /v1.45/events?filters=%7B%22type%22%3A%7B%22config%22%3Atrue%7D%7D HTTP/1.1\nHost: docker\n\n");
      assertThat(client.head()).startsWith("HTTP/1.1 200 OK").contains("application/json");
      assertThat(docker.run("k=v", "config", "create", "app", "-").exit()).isZero();
      assertThat(client.read(60)).contains("{\"Type\":\"config\",\"Action\":\"create\"");
    }
  }

  private String request(String method, String path, String body) throws IOException {
    try (RawClient client = RawClient.connect(swarm.socket())) {
      client.send(
          "%s %s HTTP/1.1\nHost: docker\nConnection: close\n".formatted(method, path)
              + "Content-Type: application/json\n"
              + "Content-Length: %d\n\n".formatted(body.getBytes(StandardCharsets.UTF_8).length));
      client.sendBytes(body.getBytes(StandardCharsets.UTF_8));
      String answer = client.readToEnd();
      return answer.substring(9, 12)
          + " "
          + answer.substring(answer.indexOf("\r\n\r\n") + 4).strip();
    }
  }

  @Test
  void errorsHaveDockersStatus() throws Exception {
    assertThat(request("GET", "/services/nope", ""))
        .isEqualTo("404 {\"message\":\"service nope not found\"}");
    assertThat(request("GET", "/tasks/nope", ""))
        .isEqualTo("404 {\"message\":\"task nope not found\"}");
    assertThat(request("GET", "/services?status=x", ""))
        .isEqualTo(
            "400 {\"message\":\"invalid value for status: x: strconv.ParseBool: parsing \\\"x\\\": invalid syntax\"}");
    assertThat(request("GET", "/tasks?filters=%7B%22desired-state%22:%5B%22x%22%5D%7D", ""))
        .isEqualTo("400 {\"message\":\"Invalid desired-state filter: 'x'\"}");
    assertThat(request("GET", "/nodes?filters=zz", ""))
        .isEqualTo("400 {\"message\":\"invalid filter\"}");
    assertThat(request("POST", "/services/create", "{\"Name\":\"a\",\"TaskTemplate\":{}}"))
        .isEqualTo("400 {\"message\":\"mismatched Runtime and *Spec fields\"}");
    assertThat(
            request(
                "POST",
                "/services/create",
                "{\"Name\":\"a\",\"TaskTemplate\":{\"ContainerSpec\":{\"Image\":5}}}"))
        .isEqualTo(
            "400 {\"message\":\"invalid JSON: json: cannot unmarshal number into Go struct field TaskTemplate.ContainerSpec.Image of type string\"}");
    assertThat(
            request(
                "POST",
                "/services/create",
                "{\"Name\":\"a\",\"TaskTemplate\":{\"ContainerSpec\":{\"Image\":\"\"}}}"))
        .isEqualTo(
            "400 {\"message\":\"rpc error: code = InvalidArgument desc = ContainerSpec: image reference must be provided\"}");
    assertThat(
            request(
                "POST",
                "/services/create",
                "{\"Name\":\"a\",\"TaskTemplate\":{\"RestartPolicy\":{\"Condition\":\"x\"},\"ContainerSpec\":{\"Image\":\"i\"}}}"))
        .isEqualTo("400 {\"message\":\"invalid RestartCondition: \\\"x\\\"\"}");
    String id =
        docker.ok("service", "create", "-d", "--no-resolve-image", "--name", "web", "nginx:1");
    assertThat(
            request(
                "POST",
                "/services/web/update?version=abc",
                "{\"Name\":\"web\",\"TaskTemplate\":{\"ContainerSpec\":{\"Image\":\"i\"}}}"))
        .isEqualTo(
            "400 {\"message\":\"invalid service version 'abc': strconv.ParseUint: parsing \\\"abc\\\": invalid syntax\"}");
    assertThat(
            request(
                "POST",
                "/services/web/update?version=1",
                "{\"Name\":\"web\",\"TaskTemplate\":{\"ContainerSpec\":{\"Image\":\"i\"}}}"))
        .isEqualTo("500 {\"message\":\"rpc error: code = Unknown desc = update out of sequence\"}");
    assertThat(request("POST", "/nodes/x/update?version=1", "{\"Role\":\"x\"}"))
        .isEqualTo("400 {\"message\":\"invalid Role: \\\"x\\\"\"}");
    assertThat(request("POST", "/swarm/unlock", "{\"UnlockKey\":\"x\"}"))
        .isEqualTo("409 {\"message\":\"swarm is not locked\"}");
    assertThat(request("DELETE", "/services/" + id, "")).startsWith("200");
    assertThat(request("POST", "/networks/ingress/connect", "{}")).startsWith("501");
    assertThat(request("GET", "/services/web/logs", ""))
        .isEqualTo("400 {\"message\":\"must specify at least one of 'stdout' or 'stderr'\"}");
  }
}
