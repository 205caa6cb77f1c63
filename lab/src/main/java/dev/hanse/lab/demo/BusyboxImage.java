package dev.hanse.lab.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.lab.LabException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * An image made from the machine's own static busybox, so that no registry is needed: all its
 * applets, and a web server on port 80 whose page tells which container answered and which client
 * address it saw.
 *
 * @see <a href="https://github.com/moby/docker-image-spec/blob/main/v1.2.md">Docker image
 *     specification 1.2: the archive that {@code docker save} writes</a>
 */
public final class BusyboxImage {
  private static final Path BUSYBOX = Path.of("/bin/busybox");
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String PAGE =
      """
      #!/bin/sh
      echo "Content-Type: text/plain"
      echo
      echo "container: $(hostname)"
      echo "client: $REMOTE_ADDR"
      """;

  private BusyboxImage() {}

  /**
   * The image as an archive for {@code POST /images/load}.
   *
   * @param reference the image's name, with tag
   */
  public static byte[] archive(String reference) {
    try {
      byte[] layer = layer();
      ObjectNode configuration = JSON.createObjectNode();
      configuration.put("architecture", architecture()).put("os", "linux");
      configuration.put("created", "1970-01-01T00:00:00Z");
      ObjectNode defaults = configuration.putObject("config");
      defaults.putArray("Env").add("PATH=/bin");
      defaults
          .putArray("Cmd")
          .add("httpd")
          .add("-f")
          .add("-p")
          .add("0.0.0.0:80")
          .add("-h")
          .add("/www");
      defaults.putObject("ExposedPorts").putObject("80/tcp");
      // As process 1 busybox ignores SIGTERM; there is nothing that it would have to save.
      defaults.put("StopSignal", "SIGKILL");
      ObjectNode rootFileSystem = configuration.putObject("rootfs").put("type", "layers");
      rootFileSystem.putArray("diff_ids").add("sha256:" + sha256(layer));
      byte[] configurationBytes = configuration.toString().getBytes(StandardCharsets.UTF_8);
      String configurationName = sha256(configurationBytes) + ".json";

      var manifest = JSON.createArrayNode();
      ObjectNode entry = manifest.addObject().put("Config", configurationName);
      entry.putArray("RepoTags").add(reference);
      entry.putArray("Layers").add("layer.tar");
      return new TarWriter()
          .file(configurationName, 0644, configurationBytes)
          .file("layer.tar", 0644, layer)
          .file("manifest.json", 0644, manifest.toString().getBytes(StandardCharsets.UTF_8))
          .bytes();
    } catch (IOException failure) {
      throw new LabException("cannot make an image from " + BUSYBOX, failure);
    }
  }

  /** The root file system as a tar archive, for {@code docker import} for example. */
  public static byte[] layer() throws IOException {
    TarWriter tar = new TarWriter();
    for (String directory : List.of("bin", "etc", "tmp", "root", "www", "www/cgi-bin")) {
      tar.directory(directory);
    }
    tar.file(
        "etc/passwd", 0644, text("root:x:0:0:root:/root:/bin/sh\nweb:x:80:80:web:/www:/bin/sh\n"));
    tar.file("etc/group", 0644, text("root:x:0:\nweb:x:80:\n"));
    tar.file("www/cgi-bin/index.cgi", 0755, text(PAGE));
    tar.file("bin/busybox", 0755, Files.readAllBytes(BUSYBOX));
    for (String applet : applets()) {
      if (!applet.equals("busybox")) {
        tar.link("bin/" + applet, "busybox");
      }
    }
    return tar.bytes();
  }

  private static List<String> applets() throws IOException {
    Process list = new ProcessBuilder(BUSYBOX.toString(), "--list").start();
    return new String(list.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
        .lines()
        .toList();
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String architecture() {
    return switch (System.getProperty("os.arch", "")) {
      case "amd64", "x86_64" -> "amd64";
      case "aarch64" -> "arm64";
      case String other -> other;
    };
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JDK has SHA-256", impossible);
    }
  }
}
