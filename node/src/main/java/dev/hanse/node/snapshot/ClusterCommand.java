package dev.hanse.node.snapshot;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.text.Digits;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hanse cluster …}: what the docker command line has no word for. */
@Command(
    name = "cluster",
    description = "Saves a cluster, brings it back, and leads workers to its managers.",
    mixinStandardHelpOptions = true,
    subcommands = SnapshotCommand.class)
public final class ClusterCommand implements Runnable {
  private static final int CLUSTER_PORT = 2377;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    CommandSpec known = Objects.requireNonNull(spec, "set by picocli");
    known.commandLine().usage(known.commandLine().getOut());
  }

  @Command(
      name = "reconnect",
      description = {
        "Tells this node where managers of its swarm are now, when none is where it was: after a",
        "cluster was brought back on another address. The managers must prove that they are of this",
        "swarm; the node's containers run on."
      },
      mixinStandardHelpOptions = true)
  int reconnect(
      @Mixin ApiSocket socket,
      @Parameters(arity = "1..*", paramLabel = "ADDRESS", description = "HOST or HOST:PORT")
          List<String> addresses)
      throws IOException {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    var list = body.putArray("Addresses");
    addresses.forEach(address -> list.add(withPort(address)));
    socket.client().post("/hanse/v1/cluster/managers", body);
    return 0;
  }

  static String withPort(String address) {
    int colon = address.lastIndexOf(':');
    boolean given = colon >= 0 && Digits.are(address.substring(colon + 1), 5);
    return given ? address : address + ":" + CLUSTER_PORT;
  }
}
