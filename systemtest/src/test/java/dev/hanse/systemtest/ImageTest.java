package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.lab.Lab;
import dev.hanse.lab.client.DockerClient;
import dev.hanse.lab.demo.BusyboxImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images from archives and from registries. */
@OnSharedLab
class ImageTest {
  private final Lab lab;
  private final DockerCommand docker;
  @TempDir Path directory;

  ImageTest(Lab lab, DockerCommand docker) {
    this.lab = lab;
    this.docker = docker;
  }

  @Test
  void an_image_is_loaded_shown_tagged_and_removed() throws Exception {
    Path archive = directory.resolve("image.tar");
    Files.write(archive, BusyboxImage.archive("hanse/loaded:1"));
    assertThat(docker.run("load", "-i", archive.toString()))
        .contains("Loaded image: hanse/loaded:1");
    assertThat(docker.run("images", "--format", "{{.Repository}}:{{.Tag}}").lines())
        .contains("hanse/loaded:1");
    assertThat(
            docker.run("image", "inspect", "-f", "{{.Os}} {{json .Config.Cmd}}", "hanse/loaded:1"))
        .startsWith("linux [\"httpd\"");
    docker.run("tag", "hanse/loaded:1", "hanse/again:2");
    assertThat(docker.run("rmi", "hanse/loaded:1")).contains("Untagged: hanse/loaded:1");
    assertThat(docker.run("image", "inspect", "-f", "{{.RepoTags}}", "hanse/again:2"))
        .contains("hanse/again:2");
    docker.run("rmi", "hanse/again:2");
    assertThat(docker.refused("image", "inspect", "hanse/again:2"))
        .contains("No such image: hanse/again:2");
  }

  @Test
  void a_root_file_system_is_imported_and_runs() throws Exception {
    Path tar = directory.resolve("root.tar");
    Files.write(tar, BusyboxImage.layer());
    for (var host : lab.hosts()) {
      new DockerCommand(lab, host.name())
          .run(
              "import",
              "--change",
              "CMD [\"/bin/sleep\",\"1000\"]",
              "--change",
              "STOPSIGNAL SIGKILL",
              tar.toString(),
              "hanse/imported:1");
    }
    docker.create("--name", "imported", "hanse/imported:1");
    assertThat(new Services(lab).running("imported")).hasSize(1);
  }

  @Test
  void something_else_than_an_image_is_refused() throws Exception {
    Path noise = Files.writeString(directory.resolve("noise.tar"), "this is no archive");
    assertThat(docker.refused("load", "-i", noise.toString())).isNotEmpty();
    assertThat(docker.refused("pull", "harbour/CASE")).contains("invalid reference format");
  }

  @Test
  void images_come_from_a_registry_without_and_with_a_password() throws Exception {
    try (Registry open = Registry.start(lab, "host1", directory.resolve("open"), 5000, false);
        Registry locked = Registry.start(lab, "host1", directory.resolve("locked"), 5001, true)) {
      open.push("harbour/web", "1");
      locked.push("harbour/web", "1");
      docker.run("pull", "127.0.0.1:5000/harbour/web:1");
      assertThat(docker.refused("pull", "127.0.0.1:5000/harbour/web:none")).contains("not found");
      assertThat(docker.refused("pull", "127.0.0.1:5001/harbour/web:1"))
          .contains("no basic auth credentials");
      docker.run("login", "-u", Registry.USER, "-p", Registry.PASSWORD, "127.0.0.1:5001");
      docker.run("pull", "127.0.0.1:5001/harbour/web:1");
      docker.create(
          "--with-registry-auth",
          "--name",
          "locked",
          "--constraint",
          "node.hostname==host1",
          "127.0.0.1:5001/harbour/web:1");
      assertThat(new Services(lab).running("locked")).hasSize(1);
      docker.run("logout", "127.0.0.1:5001");
    }
  }

  @Test
  void an_image_that_nobody_has_is_told_with_the_task() throws IOException {
    docker.run("service", "create", "--detach", "--name", "lost", "127.0.0.1:1/nobody/has:this");
    eventually(
        () ->
            assertThat(
                    docker.run(
                        "service",
                        "ps",
                        "--no-trunc",
                        "--format",
                        "{{.CurrentState}} {{.Error}}",
                        "lost"))
                .contains("Rejected")
                .contains("nobody/has:this"));
    DockerClient manager = lab.docker("host1");
    assertThat(manager.get("/services/lost").at("/Spec/Name").asText()).isEqualTo("lost");
  }
}
