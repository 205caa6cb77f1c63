package dev.hanse.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.identity.certificate.SigningAuthority;
import dev.hanse.web.RawClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From no swarm to a swarm and back, by the docker CLI. */
@Timeout(120)
final class SwarmCliTest {
  private static final String NO_MANAGER =
      "Error response from daemon: This node is not a swarm manager. Use \"docker swarm init\" or"
          + " \"docker swarm join\" to connect this node to swarm and try again.";

  @TempDir Path directory;

  @Test
  void aSwarmBeginsAndEnds() throws Exception {
    try (TestSwarm swarm = new TestSwarm(directory)) {
      Cli docker = swarm.cli();
      assertThat(docker.fails("service", "ls")).isEqualTo(NO_MANAGER);
      assertThat(docker.fails("node", "ls")).isEqualTo(NO_MANAGER);
      assertThat(docker.fails("swarm", "join-token", "worker")).isEqualTo(NO_MANAGER);
      assertThat(docker.ok("info", "-f", "{{.Swarm.LocalNodeState}}")).isEqualTo("inactive");
      assertThat(docker.fails("swarm", "join", "--token", "t", "127.0.0.1:1"))
          .contains("no swarm at [127.0.0.1:1]");

      assertThat(
              docker.ok(
                  "swarm", "init", "--advertise-addr", "127.0.0.1", "--task-history-limit", "3"))
          .contains("Swarm initialized: current node (" + swarm.nodeId() + ") is now a manager.")
          .contains("docker swarm join --token SWMTKN-1-")
          .contains(" 127.0.0.1:2377");
      assertThat(docker.fails("swarm", "init"))
          .isEqualTo(
              "Error response from daemon: This node is already part of a swarm. Use \"docker swarm leave\" to leave this swarm and join another one.");
      assertThat(docker.fails("swarm", "leave")).contains("You are attempting to leave the swarm");
      docker.ok("swarm", "leave", "--force");
      assertThat(docker.fails("service", "ls")).isEqualTo(NO_MANAGER);
    }
  }

  @Test
  void theSwarmTellsAboutItself() throws Exception {
    try (TestSwarm swarm = new TestSwarm(directory)) {
      Cli docker = swarm.cli();
      docker.ok(
          "swarm", "init", "--advertise-addr", "127.0.0.1", "--default-addr-pool", "10.77.0.0/16");
      swarm.nodeIsReady();

      Cli.Result info = docker.run("", "info");
      assertThat(Cli.warnings(info)).isEmpty();
      assertThat(info.output())
          .contains("Server Version: 0.1.0", "Swarm: active", "NodeID: " + swarm.nodeId())
          .contains("Is Manager: true", "Managers: 1", "Nodes: 1")
          .contains("Default Address Pool: 10.77.0.0/16", "SubnetSize: 24", "Data Path Port: 4789")
          .contains("Task History Retention Limit: 5", "Heartbeat Period: 5 seconds")
          .contains("Expiry Duration: 3 months", "Node Address: 127.0.0.1", "127.0.0.1:2377")
          .contains("rack=r1", "reg.example:5000", "Name: host-one");
      assertThat(docker.ok("version", "-f", "{{.Server.APIVersion}} {{.Server.Version}}"))
          .isEqualTo("1.51 0.1.0");

      String worker = docker.ok("swarm", "join-token", "-q", "worker");
      String manager = docker.ok("swarm", "join-token", "-q", "manager");
      assertThat(worker).startsWith("SWMTKN-1-").isNotEqualTo(manager);
      assertThat(docker.ok("swarm", "join-token", "-q", "--rotate", "worker"))
          .startsWith("SWMTKN-1-")
          .isNotEqualTo(worker);
      assertThat(docker.ok("swarm", "join-token", "-q", "manager")).isEqualTo(manager);

      docker.ok("swarm", "update", "--task-history-limit", "2", "--dispatcher-heartbeat", "7s");
      assertThat(
              docker.ok(
                  "info",
                  "-f",
                  "{{.Swarm.Cluster.Spec.Orchestration.TaskHistoryRetentionLimit}} {{.Swarm.Cluster.Spec.Dispatcher.HeartbeatPeriod}}"))
          .isEqualTo("2 7s");
      assertThat(docker.fails("swarm", "update", "--cert-expiry", "1m"))
          .contains("minimum certificate expiry time is: 1h0m0s");
      assertThat(docker.fails("swarm", "unlock-key")).contains("no unlock key is set");
    }
  }

  @Test
  void certificatesMayComeFromElsewhere() throws Exception {
    SigningAuthority own = SigningAuthority.create(Instant.now(), new SecureRandom());
    String certificate = Files.write(directory.resolve("ca.crt"), own.root().pem()).toString();
    String key = Files.write(directory.resolve("ca.key"), own.keyPem()).toString();
    String external = "protocol=cfssl,url=https://127.0.0.1:1/sign";
    try (TestSwarm swarm = new TestSwarm(directory)) {
      Cli docker = swarm.cli();
      assertThat(docker.fails("swarm", "init", "--external-ca", "protocol=other,url=https://x"))
          .contains("unrecognized external CA protocol other");
      docker.ok("swarm", "init", "--external-ca", external, "--cert-expiry", "2h");
      swarm.nodeIsReady();
      assertThat(docker.ok("info"))
          .contains("Expiry Duration: 2 hours")
          .contains("External CAs:", "cfssl: https://127.0.0.1:1/sign");
      String root = docker.ok("swarm", "ca");
      assertThat(root).startsWith("-----BEGIN CERTIFICATE-----");

      assertThat(
              docker.fails(
                  "swarm",
                  "ca",
                  "--rotate",
                  "--ca-cert",
                  certificate,
                  "--external-ca",
                  external + ",cacert=" + certificate))
          .contains(
              "there must be at least one valid, reachable external CA corresponding to the"
                  + " desired CA certificate");
      assertThat(docker.ok("info")).contains("Force Rotate: 0");
      docker.ok("swarm", "ca", "--rotate", "--detach", "--ca-cert", certificate, "--ca-key", key);
      assertThat(docker.ok("info")).contains("Root Rotation In Progress: true");
      // Until all nodes have followed.
      assertThat(docker.ok("swarm", "ca")).isEqualTo(root);
    }
  }

  @Test
  void versionsAreNegotiated() throws Exception {
    try (TestSwarm swarm = new TestSwarm(directory)) {
      Cli docker = swarm.cli();
      assertThat(docker.with("DOCKER_API_VERSION", "1.41").ok("info", "-f", "{{.Name}}"))
          .isEqualTo("host-one");
      assertThat(docker.with("DOCKER_API_VERSION", "1.40").fails("volume", "ls"))
          .contains("client version 1.40 is too old. Minimum supported API version is 1.41");
      try (RawClient client = RawClient.connect(swarm.socket())) {
        client.send("HEAD /_ping HTTP/1.1\nHost: docker\nConnection: close\n\n");
        assertThat(client.readToEnd())
            .startsWith("HTTP/1.1 200 OK")
            .contains("Api-Version: 1.51", "Swarm: inactive", "Cache-Control: no-cache")
            .endsWith("\r\n\r\n");
      }
    }
  }
}
