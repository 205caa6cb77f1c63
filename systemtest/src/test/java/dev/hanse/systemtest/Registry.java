package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.lab.Lab;
import dev.hanse.lab.demo.BusyboxImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Debian's docker-registry on the loopback address of one host, with a password or without. */
final class Registry implements AutoCloseable {
  static final String USER = "captain";
  static final String PASSWORD = "rope-and-tar";

  private static final String LAYER_TYPE = "application/vnd.docker.image.rootfs.diff.tar.gzip";
  private static final String CONFIGURATION_TYPE = "application/vnd.docker.container.image.v1+json";
  private static final String MANIFEST_TYPE =
      "application/vnd.docker.distribution.manifest.v2+json";

  private final Lab lab;
  private final String host;
  private final Path directory;
  private final int port;
  private final boolean locked;
  private final Process process;

  private Registry(
      Lab lab, String host, Path directory, int port, boolean locked, Process process) {
    this.lab = lab;
    this.host = host;
    this.directory = directory;
    this.port = port;
    this.locked = locked;
    this.process = process;
  }

  static Registry start(Lab lab, String host, Path directory, int port, boolean locked)
      throws IOException {
    Files.createDirectories(directory.resolve("data"));
    StringBuilder configuration = new StringBuilder();
    configuration.append("version: 0.1\nlog: {level: error}\n");
    configuration
        .append("storage: {filesystem: {rootdirectory: ")
        .append(directory.resolve("data"));
    configuration.append("}}\nhttp: {addr: '127.0.0.1:").append(port).append("'}\n");
    if (locked) {
      Path passwords = directory.resolve("htpasswd");
      Process made = new ProcessBuilder("htpasswd", "-Bbn", USER, PASSWORD).start();
      Files.write(passwords, made.getInputStream().readAllBytes());
      configuration
          .append("auth: {htpasswd: {realm: harbour, path: ")
          .append(passwords)
          .append("}}\n");
    }
    Path file = Files.writeString(directory.resolve("config.yml"), configuration);
    ProcessBuilder builder =
        lab.command(host, List.of("docker-registry", "serve", file.toString()));
    builder.redirectErrorStream(true).redirectOutput(directory.resolve("log").toFile());
    Registry registry = new Registry(lab, host, directory, port, locked, builder.start());
    eventually(() -> assertThat(registry.curl("-o", "/dev/null", registry.url("/v2/"))).isZero());
    return registry;
  }

  /** Puts the busybox image there, by the registry's own API: blobs, then the manifest. */
  void push(String repository, String tag) throws IOException, InterruptedException {
    byte[] tar = BusyboxImage.layer();
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(tar);
    }
    String configuration =
        """
        {"architecture":"amd64","os":"linux",
         "config":{"Cmd":["httpd","-f","-p","0.0.0.0:80","-h","/www"],"Env":["PATH=/bin"],"StopSignal":"SIGKILL"},
         "rootfs":{"type":"layers","diff_ids":["%s"]}}
        """
            .formatted(digest(tar));
    byte[] configurationBytes = configuration.getBytes(StandardCharsets.UTF_8);
    upload(repository, packed.toByteArray());
    upload(repository, configurationBytes);
    String manifest =
        """
        {"schemaVersion":2,"mediaType":"%s",
         "config":{"mediaType":"%s","size":%d,"digest":"%s"},
         "layers":[{"mediaType":"%s","size":%d,"digest":"%s"}]}
        """
            .formatted(
                MANIFEST_TYPE,
                CONFIGURATION_TYPE,
                configurationBytes.length,
                digest(configurationBytes),
                LAYER_TYPE,
                packed.size(),
                digest(packed.toByteArray()));
    Path file = Files.writeString(directory.resolve("manifest.json"), manifest);
    int status =
        curl(
            "-X",
            "PUT",
            "-H",
            "Content-Type: " + MANIFEST_TYPE,
            "--data-binary",
            "@" + file,
            url("/v2/" + repository + "/manifests/" + tag));
    assertThat(status).as("manifest put").isZero();
  }

  private void upload(String repository, byte[] blob) throws IOException, InterruptedException {
    Path file = Files.write(directory.resolve("blob"), blob);
    String script =
        """
        set -e
        location=$(curl -sS --fail -i $1 -X POST "$2" | tr -d '\\r' | sed -n 's/^[Ll]ocation: //p')
        curl -sS --fail $1 -X PUT -H 'Content-Type: application/octet-stream' \
          --data-binary "@$3" "$location&digest=$4"
        """;
    Process process =
        lab.command(
                host,
                List.of(
                    "sh",
                    "-c",
                    script,
                    "sh",
                    String.join(" ", credentials()),
                    url("/v2/" + repository + "/blobs/uploads/"),
                    file.toString(),
                    digest(blob)))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("upload: %s", output).isZero();
  }

  private List<String> credentials() {
    String pair = USER + ":" + PASSWORD;
    return locked ? List.of("-u", pair) : List.of();
  }

  private int curl(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("curl", "-sS", "--fail"));
    command.addAll(credentials());
    command.addAll(List.of(arguments));
    Process process = lab.command(host, command).redirectErrorStream(true).start();
    process.getInputStream().readAllBytes();
    return process.waitFor();
  }

  private String url(String path) {
    return "http://127.0.0.1:" + port + path;
  }

  private static String digest(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JDK has SHA-256", impossible);
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
