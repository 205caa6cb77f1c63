package dev.hanse.node;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.hanse.node.snapshot.ApiSocket;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code hanse node …}: what concerns this machine alone. */
@Command(
    name = "node",
    description = "Prepares this machine for its end.",
    mixinStandardHelpOptions = true)
final class NodeCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    CommandSpec known = Objects.requireNonNull(spec, "set by picocli");
    known.commandLine().usage(known.commandLine().getOut());
  }

  @Command(
      name = "shutdown",
      description = {
        "To be run when the machine goes down, before anything else stops (hanse-shutdown.service",
        "does): the managers start this node's tasks elsewhere, and its containers get their stop",
        "signal and grace period. The node takes tasks again after the next start of its daemon.",
        "The exit status is 0 if all tasks have ended."
      },
      mixinStandardHelpOptions = true)
  int shutdown(
      @Mixin ApiSocket socket,
      @Option(
              names = "--timeout",
              paramLabel = "SECONDS",
              defaultValue = "90",
              description = "Returns then at the latest; default: 90")
          int seconds)
      throws IOException {
    int running =
        socket
            .client()
            .post(
                "/hanse/v1/node/shutdown?timeout=" + seconds, JsonNodeFactory.instance.objectNode())
            .path("Running")
            .asInt();
    if (running > 0) {
      System.err.println("hanse: " + running + " tasks have not ended in " + seconds + " s");
    }
    return running == 0 ? 0 : 1;
  }
}
