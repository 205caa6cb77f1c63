package dev.hanse.lab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BusyboxImageTest {
  @TempDir Path directory;

  @Test
  void tar_unpacks_it_and_the_names_inside_fit() throws Exception {
    Path archive = directory.resolve("image.tar");
    Files.write(archive, BusyboxImage.archive("hanse/web:demo"));
    untar(archive, directory);
    ObjectMapper json = new ObjectMapper();
    JsonNode entry = json.readTree(directory.resolve("manifest.json").toFile()).path(0);
    assertThat(entry.path("RepoTags").path(0).asText()).isEqualTo("hanse/web:demo");
    String configurationName = entry.path("Config").asText();
    Path configurationFile = directory.resolve(configurationName);
    assertThat(configurationName).isEqualTo(sha256(configurationFile) + ".json");
    JsonNode configuration = json.readTree(configurationFile.toFile());
    assertThat(configuration.path("rootfs").path("diff_ids").path(0).asText())
        .isEqualTo("sha256:" + sha256(directory.resolve("layer.tar")));

    Path root = Files.createDirectories(directory.resolve("root"));
    untar(directory.resolve("layer.tar"), root);
    assertThat(Files.readSymbolicLink(root.resolve("bin/sh"))).hasToString("busybox");
    assertThat(root.resolve("www/cgi-bin/index.cgi")).isExecutable();
    assertThat(root.resolve("bin/busybox")).hasSameBinaryContentAs(Path.of("/bin/busybox"));
  }

  @Test
  void the_page_tells_who_answered_and_whom_it_saw() throws Exception {
    String answer = "HTTP/1.1 200 OK\r\nX: y\r\n\r\ncontainer: 0a1b\nclient: 10.210.0.254\n";
    assertThat(WebRequest.parse(answer, "10.210.0.254"))
        .isEqualTo(new WebRequest(200, "0a1b", "10.210.0.254", "10.210.0.254"));
  }

  private static void untar(Path archive, Path target) throws Exception {
    List<String> command = List.of("tar", "-xf", archive.toString(), "-C", target.toString());
    Process tar = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(tar.waitFor()).as(output).isZero();
  }

  private static String sha256(Path file) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
  }
}
