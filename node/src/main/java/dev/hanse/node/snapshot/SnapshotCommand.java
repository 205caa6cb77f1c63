package dev.hanse.node.snapshot;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.lab.client.DockerClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hanse cluster snapshot …}: the whole state of a cluster in a locked file. */
@Command(
    name = "snapshot",
    description = {
      "Saves the state of a cluster while it runs, and brings it back on a new manager.",
      "A snapshot holds services, tasks, networks, nodes, secrets, configs, join tokens and the",
      "certificate authority; it is always encrypted (AES-256-GCM). It does not hold images,",
      "volumes or logs. It depends on no address."
    },
    mixinStandardHelpOptions = true)
final class SnapshotCommand implements Runnable {
  private static final String STATE = "application/x-hanse-state";

  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    CommandSpec known = Objects.requireNonNull(spec, "set by picocli");
    known.commandLine().usage(known.commandLine().getOut());
  }

  private void say(String line) {
    Objects.requireNonNull(spec, "set by picocli").commandLine().getOut().println(line);
  }

  @Command(
      name = "save",
      description = {
        "Asks a manager for its state and writes it to a new file. Changes nothing, may be done at",
        "any time; any manager will do, a follower gives what it has applied."
      },
      mixinStandardHelpOptions = true)
  int save(
      @Mixin ApiSocket socket,
      @Mixin KeyOptions keys,
      @Option(names = "--force", description = "Replace FILE if it exists") boolean force,
      @Parameters(paramLabel = "FILE") Path file)
      throws IOException {
    if (Files.exists(file) && !force) {
      throw new IOException(file + " exists; another name, or --force to replace it");
    }
    DockerClient daemon = socket.client();
    Secret secret = keys.required(true);
    SecureRandom random = new SecureRandom();
    Header header =
        daemon.download(
            "/hanse/v1/cluster/snapshot",
            download -> SavedFile.write(file, header(download, secret, random), secret, download));
    // Read back as a restoration would, from the disk and with the key.
    Contents contents = contents(ClusterSnapshotFile.verified(file), secret);
    say(
        "saved cluster %s at log index %d to %s, %,d bytes: %s"
            .formatted(
                header.clusterId(), header.index(), file, Files.size(file), contents.summary()));
    return 0;
  }

  private static Header header(DockerClient.Download download, Secret secret, SecureRandom random)
      throws IOException {
    try {
      return new Header(
          required(download, "Hanse-Cluster-Id"),
          Instant.now(),
          Long.parseLong(required(download, "Hanse-Log-Index")),
          KeyDerivation.fresh(secret, random),
          Header.FRAME_BYTES);
    } catch (IllegalArgumentException malformed) {
      throw new IOException("the daemon's answer is not one: " + malformed.getMessage());
    }
  }

  private static String required(DockerClient.Download download, String header) {
    return download
        .header()
        .apply(header)
        .orElseThrow(() -> new IllegalArgumentException("no header " + header));
  }

  private static Contents contents(ClusterSnapshotFile snapshot, Secret secret) throws IOException {
    try (InputStream state = snapshot.state(secret)) {
      return Contents.of(state);
    }
  }

  @Command(
      name = "inspect",
      description = {
        "Tells what a snapshot holds, and whether the file is whole. Without its key: only",
        "whose it is, when it was saved, and that its bytes are as they were written. Needs no daemon."
      },
      mixinStandardHelpOptions = true)
  int inspect(@Mixin KeyOptions keys, @Parameters(paramLabel = "FILE") Path file)
      throws IOException {
    ClusterSnapshotFile snapshot = ClusterSnapshotFile.verified(file);
    Header header = snapshot.header();
    line("cluster", header.clusterId());
    line("saved", header.savedAt());
    line("log index", header.index());
    line(
        "locked",
        switch (header.derivation()) {
          case KeyDerivation.Scrypt scrypt ->
              "with a passphrase (scrypt, N = 2^%d, r = %d, p = %d)"
                  .formatted(scrypt.logCost(), scrypt.blockSize(), scrypt.parallel());
          case KeyDerivation.Hkdf hkdf -> "with a key file";
        });
    line("file", "%,d bytes, whole".formatted(Files.size(file)));
    Optional<Secret> secret = keys.given();
    if (secret.isEmpty()) {
      line("contents", "give --passphrase-file or --key-file to see them");
      return 0;
    }
    Contents contents = contents(snapshot, secret.get());
    contents.counts().forEach((kind, count) -> line(kind, count));
    line("managers", String.join(" ", contents.managers()));
    return 0;
  }

  private void line(String name, Object value) {
    say("%-11s %s".formatted(name, value));
  }

  @Command(
      name = "restore",
      description = {
        "Brings a saved cluster back on a node that is in no swarm. The node becomes the cluster's",
        "only manager; the former managers are removed for good: end them, they can join anew.",
        "Workers come back by themselves if a manager's address is an old one; else tell each:",
        "hanse cluster reconnect ADDRESS (before or after). Tasks of workers run on meanwhile."
      },
      mixinStandardHelpOptions = true)
  int restore(
      @Mixin ApiSocket socket,
      @Mixin KeyOptions keys,
      @Option(
              names = "--advertise-addr",
              paramLabel = "ADDRESS",
              description = "Address or interface under which the other nodes reach this one")
          @Nullable String advertise,
      @Option(
              names = "--listen-addr",
              paramLabel = "ADDRESS",
              description = "Where the manager listens (default: 0.0.0.0:2377)")
          @Nullable String listen,
      @Option(
              names = "--data-path-addr",
              paramLabel = "ADDRESS",
              description = "Address or interface for overlay networks (default: the advertised)")
          @Nullable String dataPath,
      @Option(
              names = "--availability",
              paramLabel = "active|pause|drain",
              description = "Of this node (default: active)")
          @Nullable String availability,
      @Parameters(paramLabel = "FILE") Path file)
      throws IOException {
    DockerClient daemon = socket.client();
    ClusterSnapshotFile snapshot = ClusterSnapshotFile.verified(file);
    Secret secret = keys.required(false);
    Header header = snapshot.header();
    // All of it is checked before the daemon sees anything.
    Contents contents = contents(snapshot, secret);
    Map<String, String> query = new LinkedHashMap<>();
    query.put("clusterId", header.clusterId());
    query.put("index", Long.toString(header.index()));
    put(query, "advertiseAddr", advertise);
    put(query, "listenAddr", listen);
    put(query, "dataPathAddr", dataPath);
    put(query, "availability", availability);
    JsonNode answer;
    try (InputStream state = snapshot.state(secret)) {
      answer = daemon.send("/hanse/v1/cluster/restore?" + encoded(query), STATE, state);
    }
    say(
        "restored cluster %s as of %s (log index %d): %s"
            .formatted(header.clusterId(), header.savedAt(), header.index(), contents.summary()));
    say("this node, %s, is its only manager".formatted(answer.path("NodeID").asText()));
    say("removed former managers: " + String.join(" ", contents.managers()));
    say("to add managers: docker swarm join-token manager");
    return 0;
  }

  private static void put(Map<String, String> query, String name, @Nullable String value) {
    if (value != null) {
      query.put(name, value);
    }
  }

  private static String encoded(Map<String, String> query) {
    return query.entrySet().stream()
        .map(
            entry ->
                entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }
}
