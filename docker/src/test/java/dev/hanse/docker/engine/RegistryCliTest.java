package dev.hanse.docker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.docker.Cli;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Login, pull and digests, with a registry on this machine. */
@Timeout(120)
final class RegistryCliTest {
  private static EngineWorld world;
  private static Cli docker;

  @BeforeAll
  static void open() throws Exception {
    world = new EngineWorld();
    docker = world.cli();
  }

  @AfterAll
  static void close() throws Exception {
    world.close();
  }

  @Test
  void logsInPullsAndTellsDigests() throws Exception {
    String digest;
    String name;
    String host;
    try (TestRegistry registry = new TestRegistry(world.directory().resolve("registry"))) {
      host = registry.host();
      name = host + "/shop/web:1";
      digest = registry.push("shop/web", "1", world.rootfs());
      assertThat(docker.fails("pull", name)).contains("no basic auth credentials");
      assertThat(docker.fails("login", "-u", "ann", "-p", "wrong", host)).contains("unauthorized");
      assertThat(docker.ok("login", "-u", "ann", "-p", "secret", host)).contains("Login Succeeded");
      assertThat(docker.ok("pull", name))
          .contains(
              "Pulling from shop/web", "Digest: " + digest, "Downloaded newer image for " + name);
      assertThat(docker.ok("pull", name)).contains("Image is up to date");
      assertThat(docker.fails("pull", host + "/shop/web:2")).contains("manifest unknown");
      assertThat(docker.ok("image", "inspect", "-f", "{{index .RepoDigests 0}}", name))
          .isEqualTo(host + "/shop/web@" + digest);
      // Without login the registry refuses, and that is said.
      assertThat(world.ask("GET", "/distribution/" + host + "/shop/web:1/json").status())
          .isEqualTo(401);
      assertThat(world.ask("GET", "/distribution/" + host + "/shop/web@" + digest + "/json").body())
          .contains(digest)
          .contains("\"architecture\":\"amd64\"");
    }
    // The registry is gone: what is here answers.
    EngineWorld.Answer answer = world.ask("GET", "/distribution/" + name + "/json");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).contains(digest);
    docker.ok("rmi", name);
    assertThat(world.ask("GET", "/distribution/" + name + "/json").status()).isEqualTo(500);
  }

  /** Nobody waits any more for what a registry sends byte by byte. */
  @Test
  @Tag("attack")
  void aPullEndsWithItsClient() throws Exception {
    try (var registry = new DrippingRegistry()) {
      Process pull =
          new ProcessBuilder("docker", "-H", "unix://" + world.socket(), "pull", registry.image())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      registry.awaitDrip();
      assertThat(pull.isAlive()).isTrue();
      pull.destroyForcibly();
      registry.awaitLeft();
    }
  }

  @Test
  void doesNotWaitForRegistriesThatCannotBeReached() throws Exception {
    // It takes connections and says nothing.
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String registry = "127.0.0.1:" + silent.getLocalPort();
      EngineWorld.Answer first = world.ask("GET", "/distribution/" + registry + "/web/json");
      assertThat(first.status()).isEqualTo(500);
      assertThat(first.body()).contains(registry, "no answer within 5 s");
      assertThat(world.ask("GET", "/distribution/" + registry + "/web/json").body())
          .contains("it could not be reached a moment ago");
    }
    assertThat(world.ask("GET", "/distribution/Bad::name/json").status()).isEqualTo(400);
  }
}
