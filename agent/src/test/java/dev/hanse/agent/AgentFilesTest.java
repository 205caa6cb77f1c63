package dev.hanse.agent;

import static dev.hanse.agent.AgentWorld.eventually;
import static dev.hanse.agent.AgentWorld.task;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.hanse.agent.volume.LocalVolume;
import dev.hanse.agent.volume.Volumes;
import dev.hanse.model.Config;
import dev.hanse.model.ConfigReference;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.FileTarget;
import dev.hanse.model.Mount;
import dev.hanse.model.Secret;
import dev.hanse.model.SecretReference;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What tasks find in their containers: secrets, configs, volumes, names. */
class AgentFilesTest {
  private static AgentWorld world;

  @BeforeAll
  static void start() throws Exception {
    world = new AgentWorld();
  }

  @AfterAll
  static void stop() throws Exception {
    world.close();
  }

  private static ContainerSpec.Builder shell(ContainerSpec.Builder spec, String line) {
    return spec.addArgs("sh").addArgs("-c").addArgs(line);
  }

  private static String run(Task task) throws Exception {
    world.assign(task);
    world.await(task, TaskState.COMPLETE);
    return world.output(task);
  }

  private static Mount volume(String name, String target) {
    return Mount.newBuilder().setType(Mount.Type.VOLUME).setSource(name).setTarget(target).build();
  }

  @Test
  void secretsAndConfigsAreFilesInMemoryOnly() throws Exception {
    Secret.Builder secret = Secret.newBuilder().setId("sec1");
    secret.getSpecBuilder().setData(ByteString.copyFromUtf8("hush"));
    Config.Builder config = Config.newBuilder().setId("con1");
    config.getSpecBuilder().setData(ByteString.copyFromUtf8("slot {{.Task.Slot}} {{env \"A\"}}"));
    config.getSpecBuilder().getTemplatingBuilder().setName("golang");
    Task task =
        task(
            spec ->
                shell(
                        spec,
                        "cat /run/secrets/password; ls -ln /run/secrets; cat /etc/app/app.conf;"
                            + " echo x > /run/secrets/password || echo read-only")
                    .addEnv("A=b")
                    .addSecrets(
                        SecretReference.newBuilder()
                            .setSecretId("sec1")
                            .setSecretName("password")
                            .setFile(
                                FileTarget.newBuilder()
                                    .setName("password")
                                    .setUid("7")
                                    .setGid("8")
                                    .setMode(0440)))
                    .addConfigs(
                        ConfigReference.newBuilder()
                            .setConfigId("con1")
                            .setConfigName("app")
                            .setFile(
                                FileTarget.newBuilder()
                                    .setName("/etc/app/app.conf")
                                    .setMode(0444))));
    world.assign(task, secret.build(), config.build());
    world.await(task, TaskState.COMPLETE);

    assertThat(world.output(task))
        .contains("hush")
        .containsPattern("-r--r-----\\s+1 7\\s+8\\s+4 .*password")
        .contains("slot 1 b")
        .contains("read-only");
    eventually(
        "files removed",
        () -> !Files.exists(world.directory().resolve("run/task-memory/" + task.getId())));
    try (Stream<Path> files = Files.walk(world.directory().resolve("data"))) {
      assertThat(files.filter(Files::isRegularFile))
          .noneMatch(file -> file.toString().contains("sec1"));
    }
  }

  @Test
  void aMissingSecretRejectsTheTask() throws Exception {
    Task task =
        task(
            spec ->
                spec.addSecrets(
                    SecretReference.newBuilder()
                        .setSecretId("absent")
                        .setSecretName("absent")
                        .setFile(FileTarget.newBuilder().setName("absent"))));
    world.assign(task);
    assertThat(world.await(task, TaskState.REJECTED).getErr())
        .isEqualTo("secret not found: absent");
  }

  @Test
  void namesAndEnvironmentAreFilledIn() throws Exception {
    String output =
        run(
            task(
                spec ->
                    shell(spec, "hostname; cat /etc/hostname; env; cat /etc/hosts")
                        .setHostname("{{.Service.Name}}-{{.Task.Slot}}")
                        .addEnv("NODE={{.Node.Hostname}}")
                        .addHosts("10.1.2.3 other")));
    assertThat(output).contains("web-1\nweb-1\n", "NODE=host-a", "10.1.2.3\tother");
  }

  @Test
  void aVolumeKeepsItsDataAndTakesTheImagesContent() throws Exception {
    String first =
        run(
            task(
                spec ->
                    shell(spec, "cat /data/sub/from-image; echo changed > /data/sub/from-image")
                        .addMounts(volume("kept", "/data"))));
    String second =
        run(
            task(
                spec ->
                    shell(spec, "cat /data/sub/from-image").addMounts(volume("kept", "/data"))));

    assertThat(first).isEqualTo("original\n");
    assertThat(second).isEqualTo("changed\n");
    assertThat(world.agent().volumes().users("kept")).hasSize(2);
  }

  @Test
  void secretsPartsAndVolumesInAVolumeStandBesideTheImagesContent() throws Exception {
    Secret.Builder secret = Secret.newBuilder().setId("sec2");
    secret.getSpecBuilder().setData(ByteString.copyFromUtf8("hush"));
    LocalVolume source = world.agent().volumes().create(Volumes.Wanted.named("parted"));
    Files.createDirectories(source.mountpoint().resolve("part"));
    Files.writeString(source.mountpoint().resolve("part/file"), "part ");
    Mount.Builder part = volume("parted", "/data/part").toBuilder().setReadonly(true);
    part.getVolumeOptionsBuilder().setSubpath("part");
    Task task =
        task(
            spec ->
                shell(
                        spec,
                        "cat /data/sub/from-image; cat /data/part/file; cat /data/conf/password;"
                            + " ls -ln /data/conf; echo x > /data/conf/password || echo refused;"
                            + " echo x > /data/part/x || echo refused too;"
                            + " echo x > /data/volume/kept; cat /etc/hostname")
                    .setHostname("named")
                    .addMounts(volume("outer", "/data"))
                    .addMounts(volume("innermost", "/data/volume"))
                    .addMounts(volume("etc", "/etc"))
                    .addMounts(part)
                    .addSecrets(
                        SecretReference.newBuilder()
                            .setSecretId("sec2")
                            .setSecretName("password")
                            .setFile(
                                FileTarget.newBuilder()
                                    // A link of the image leads to the volume.
                                    .setName("/escape/conf/password")
                                    .setUid("7")
                                    .setGid("8")
                                    .setMode(0440))));
    world.assign(task, secret.build(), Config.getDefaultInstance());
    world.await(task, TaskState.COMPLETE);

    assertThat(world.output(task))
        .startsWith("original\npart hush")
        .containsPattern("-r--r-----\\s+1 7\\s+8\\s+4 .*password")
        .contains("refused\n", "refused too\n")
        .endsWith("named\n");
    LocalVolume outer = world.agent().volumes().find("outer").orElseThrow();
    assertThat(outer.mountpoint().resolve("conf/password")).isEmptyFile();
    assertThat(outer.mountpoint().resolve("part")).isEmptyDirectory();
    assertThat(outer.mountpoint().resolve("volume")).isEmptyDirectory();
    LocalVolume innermost = world.agent().volumes().find("innermost").orElseThrow();
    assertThat(innermost.mountpoint().resolve("kept")).exists();
    eventually(
        "files removed",
        () -> !Files.exists(world.directory().resolve("run/task-memory/" + task.getId())));
  }

  @Test
  void aVolumeMountedAtALinkOfTheImageStaysWithinTheImage() throws Exception {
    String output =
        run(
            task(
                spec ->
                    shell(spec, "cat /escape/sub/from-image")
                        .addMounts(volume("linked", "/escape"))));
    assertThat(output).isEqualTo("original\n");
  }

  @Test
  void withNocopyAVolumeStaysEmpty() throws Exception {
    Mount.Builder mount = volume("empty", "/data").toBuilder();
    mount.getVolumeOptionsBuilder().setNocopy(true).putLabels("slot", "{{.Task.Slot}}");
    String output = run(task(spec -> shell(spec, "ls /data; echo end").addMounts(mount)));
    assertThat(output).isEqualTo("end\n");
    assertThat(world.agent().volumes().find("empty").orElseThrow().labels())
        .containsEntry("slot", "1");
  }

  @Test
  void anonymousVolumesGoWithTheirTask() throws Exception {
    Task task =
        task(spec -> shell(spec, "echo x > /anonymous/file").addMounts(volume("", "/anonymous")));
    run(task);
    LocalVolume made =
        world.agent().volumes().list().stream()
            .filter(LocalVolume::anonymous)
            .findFirst()
            .orElseThrow();
    world.withdraw(task);
    eventually("volume removed", () -> world.agent().volumes().find(made.name()).isEmpty());
  }

  @Test
  void tmpfsAndReadOnlyRootAreObeyed() throws Exception {
    String output =
        run(
            task(
                spec ->
                    shell(
                            spec,
                            "echo x > /file || echo refused; echo y > /scratch/f; cat /scratch/f")
                        .setReadOnly(true)
                        .addMounts(
                            Mount.newBuilder().setType(Mount.Type.TMPFS).setTarget("/scratch"))));
    assertThat(output).contains("refused").contains("y\n");
  }
}
