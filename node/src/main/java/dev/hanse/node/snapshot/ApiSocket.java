package dev.hanse.node.snapshot;

import dev.hanse.lab.client.DockerClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The daemon that a command talks to. */
public final class ApiSocket {
  private static final String SCHEME = "unix://";
  private static final String STANDARD = SCHEME + "/run/hanse/docker.sock";

  @Option(
      names = {"-H", "--host"},
      paramLabel = "ADDRESS",
      description = "The daemon's socket, default: $DOCKER_HOST, else " + STANDARD)
  private @Nullable String host;

  /** A client of it; for an address of TCP, or a socket that is not there, an error. */
  public DockerClient client() throws IOException {
    String environment = System.getenv("DOCKER_HOST");
    String fallback = environment == null || environment.isEmpty() ? STANDARD : environment;
    String address = host == null ? fallback : host;
    if (!address.startsWith(SCHEME)) {
      throw new IOException(
          address + ": this goes over the daemon's unix socket only (unix:///PATH)");
    }
    Path socket = Path.of(address.substring(SCHEME.length()));
    if (!Files.exists(socket)) {
      throw new IOException("no daemon at " + socket + "; is hanse daemon running?");
    }
    return new DockerClient(socket);
  }
}
