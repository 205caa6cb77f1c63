package dev.hanse.agent;

import static dev.hanse.agent.AgentWorld.eventually;
import static dev.hanse.agent.AgentWorld.shell;
import static dev.hanse.agent.AgentWorld.task;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.hanse.kernel.file.FileSystem;
import dev.hanse.kernel.file.Mounts;
import dev.hanse.model.Config;
import dev.hanse.model.FileTarget;
import dev.hanse.model.Secret;
import dev.hanse.model.SecretReference;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A container writes as much as it can to the files that its node gave it. */
@Tag("attack")
class FilledHostFilesTest {
  private static final String FILL =
      "for f in hosts hostname resolv.conf; do"
          + " dd if=/dev/zero bs=64k count=1024 >> /etc/$f; done; ";

  private AgentWorld world;

  @BeforeEach
  void start() throws Exception {
    world = new AgentWorld();
  }

  @AfterEach
  void stop() throws Exception {
    // Fails if a mount is left.
    world.close();
  }

  private Path place(Task task) {
    return world.directory().resolve("run/task-memory").resolve(task.getId());
  }

  private static Task withSecret(String line) {
    return task(
        spec ->
            spec.addArgs("sh")
                .addArgs("-c")
                .addArgs(line)
                .addSecrets(
                    SecretReference.newBuilder()
                        .setSecretId("sec1")
                        .setSecretName("large")
                        .setFile(FileTarget.newBuilder().setName("large").setMode(0400))));
  }

  private void assign(Task task) {
    Secret.Builder secret = Secret.newBuilder().setId("sec1");
    secret.getSpecBuilder().setData(ByteString.copyFrom(new byte[500 * 1024 - 1]));
    world.assign(task, secret.build(), Config.newBuilder().setId("con1").build());
  }

  @Test
  void it_fills_what_is_its_own_and_others_start_with_theirs() throws Exception {
    Task attacker = shell(FILL + "echo filled; sleep 1000");
    world.assign(attacker);
    world.await(attacker, TaskState.RUNNING);
    eventually("place filled", () -> FileSystem.of(place(attacker)).bytesAvailable() == 0);
    assertThat(FileSystem.of(place(attacker)).bytes()).isLessThan(2 << 20);
    assertThat(Files.size(Path.of("/etc/hosts"))).isLessThan(1 << 20);
    assertThat(Files.size(Path.of("/etc/resolv.conf"))).isLessThan(1 << 20);

    Task other = withSecret("cat /run/secrets/large | dd of=/dev/null; cat /etc/hosts; sleep 1000");
    assign(other);
    world.await(other, TaskState.RUNNING);

    world.restartAlone();
    assertThat(Mounts.isMounted(place(attacker))).isTrue();
    assertThat(Mounts.isMounted(place(other))).isTrue();
    world.rejoin();
    world.assignOnly(attacker, other);
    Task third = withSecret("cat /run/secrets/large > /dev/null && echo read");
    assign(third);
    world.await(third, TaskState.COMPLETE);
    assertThat(world.output(third)).contains("read");
    eventually("given back at the end", () -> !Files.exists(place(third)));

    world.desire(attacker, TaskState.REMOVE);
    eventually("given back when removed", () -> !Files.exists(place(attacker)));
    assertThat(Mounts.isMounted(place(attacker))).isFalse();
    assertThat(world.container(other)).isPresent();
  }

  @Test
  void a_template_grows_to_the_limit_of_a_secret_and_no_further() throws Exception {
    Secret.Builder secret = Secret.newBuilder().setId("sec1");
    secret
        .getSpecBuilder()
        .setData(ByteString.copyFromUtf8("{{env \"LONG\"}}".repeat(30_000)))
        .getTemplatingBuilder()
        .setName("golang");
    Task task = withSecret("true").toBuilder().setId("grows").build();
    Task.Builder grown = task.toBuilder();
    grown.getSpecBuilder().getContainerBuilder().addEnv("LONG=" + "x".repeat(100_000));
    world.assign(grown.build(), secret.build(), Config.newBuilder().setId("con1").build());
    assertThat(world.await(grown.build(), TaskState.REJECTED).getErr())
        .isEqualTo(
            "failed to expand templated secret: template: expansion: more than 512000 characters");
    eventually("nothing left", () -> !Files.exists(place(grown.build())));
  }
}
