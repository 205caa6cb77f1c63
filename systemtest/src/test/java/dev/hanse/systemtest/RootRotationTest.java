package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.identity.certificate.SigningAuthority;
import dev.hanse.lab.HostState;
import dev.hanse.lab.Lab;
import dev.hanse.lab.demo.WebRequest;
import dev.hanse.systemtest.DockerCommand.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** {@code docker swarm ca --rotate} on a swarm that goes on working. */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RootRotationTest {
  @TempDir private Path directory;
  private OwnLab own;
  private Lab lab;
  private DockerCommand docker;

  @BeforeAll
  void make() {
    own = OwnLab.of("rotation", 1, 2);
    lab = own.lab();
    docker = own.docker();
  }

  @AfterAll
  void take_down() {
    own.close();
  }

  @Test
  void the_command_line_sees_the_end_and_a_published_port_answers_all_the_time() throws Exception {
    docker.create("--name", "web", "--replicas", "2", "-p", "8080:80", SharedLab.IMAGE);
    eventually(() -> assertThat(answers()).isTrue());
    List<String> before = own.services().running("web").stream().map(task -> task.id()).toList();
    String oldRoot = docker.run("swarm", "ca");
    String oldToken = docker.run("swarm", "join-token", "-q", "worker");

    AtomicBoolean ended = new AtomicBoolean();
    AtomicInteger asked = new AtomicInteger();
    CompletableFuture<Integer> unanswered = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              int failed = 0;
              while (!ended.get()) {
                failed += answers() ? 0 : 1;
                asked.incrementAndGet();
              }
              unanswered.complete(failed);
            });
    Result rotated;
    try {
      rotated = docker.attempt("swarm", "ca", "--rotate");
    } finally {
      ended.set(true);
    }
    assertThat(rotated.status()).as("%s%n%s", rotated.out(), rotated.err()).isZero();
    assertThat(unanswered.join()).isZero();
    assertThat(asked).hasPositiveValue();

    String newRoot = docker.run("swarm", "ca");
    assertThat(newRoot).startsWith("-----BEGIN CERTIFICATE-----").isNotEqualTo(oldRoot);
    assertThat(rotated.out()).contains(newRoot);
    assertThat(docker.run("swarm", "join-token", "-q", "worker")).isNotEqualTo(oldToken);
    for (JsonNode node : lab.docker("host1").get("/nodes")) {
      assertThat(node.path("Description").path("TLSInfo").path("TrustRoot").asText().strip())
          .isEqualTo(newRoot);
      assertThat(node.path("Status").path("State").asText()).isEqualTo("ready");
    }
    assertThat(own.services().running("web").stream().map(task -> task.id()).toList())
        .containsExactlyInAnyOrderElementsOf(before);
    docker.run("service", "rm", "web");
  }

  @Test
  void a_worker_that_is_off_holds_it_up_and_comes_back_without_joining_again() throws Exception {
    String oldRoot = docker.run("swarm", "ca");
    lab.kill("host3");
    docker.run("swarm", "ca", "--rotate", "--detach");
    eventually(
        () ->
            assertThat(lab.docker("host1").get("/swarm").path("RootRotationInProgress").asBoolean())
                .isTrue());
    lab.restart("host3");
    eventually(() -> assertThat(docker.run("swarm", "ca")).isNotEqualTo(oldRoot));
    eventually(
        () ->
            assertThat(docker.run("node", "ls", "--format", "{{.Status}}").lines())
                .hasSize(3)
                .containsOnly("Ready"));
  }

  @Test
  void a_root_that_the_user_brings_takes_the_place_of_the_swarms_own() throws Exception {
    SigningAuthority own = SigningAuthority.create(Instant.now(), new SecureRandom());
    Path certificate = Files.write(directory.resolve("ca.crt"), own.root().pem());
    Path key = Files.write(directory.resolve("ca.key"), own.keyPem());
    String before = docker.run("swarm", "ca");
    Result rotated =
        docker.attempt(
            "swarm",
            "ca",
            "--rotate",
            "--ca-cert",
            certificate.toString(),
            "--ca-key",
            key.toString());
    assertThat(rotated.status()).as("%s%n%s", rotated.out(), rotated.err()).isZero();
    assertThat(docker.run("swarm", "ca"))
        .isEqualTo(Files.readString(certificate).strip())
        .isNotEqualTo(before);
    assertThat(docker.run("node", "ls", "--format", "{{.TLSStatus}}").lines())
        .hasSize(3)
        .containsOnly("Ready");
  }

  private boolean answers() {
    HostState entry = lab.host("host2");
    try {
      return !WebRequest.send(entry.address(), 8080).container().isEmpty();
    } catch (IOException noAnswer) {
      return false;
    }
  }
}
