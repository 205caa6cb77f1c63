package dev.hanse.node;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.lab.client.DockerClient;
import dev.hanse.node.snapshot.ApiSocket;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code hanse health}: what is wrong with this node. */
@Command(
    name = "health",
    description = {
      "Says what is wrong with this node, a line for each part that is ill, or \"healthy\".",
      "The exit status is 1 if one of them is vital: then the node gets no new tasks."
    },
    mixinStandardHelpOptions = true)
final class HealthCommand implements Callable<Integer> {
  private static final int FIT = 200;
  private static final int UNFIT = 503;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private ApiSocket socket = new ApiSocket();

  @Option(names = "--all", description = "Lists the parts that are well, too")
  private boolean all;

  // The daemon waits for none of its parts when it is asked; one that is stopped never answers.
  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "A daemon that has not answered by then is ill; default: ${DEFAULT-VALUE}")
  private int timeoutSeconds;

  @Override
  public Integer call() throws IOException, InterruptedException {
    DockerClient.Answer answer = ask(socket.client());
    if (answer.status() != FIT && answer.status() != UNFIT) {
      throw new IOException("the daemon does not say how it is: " + answer.body());
    }
    PrintWriter out = Objects.requireNonNull(spec, "set by picocli").commandLine().getOut();
    print(answer.body().path("Parts"), out);
    return answer.status() == FIT ? 0 : 1;
  }

  private DockerClient.Answer ask(DockerClient daemon) throws IOException, InterruptedException {
    FutureTask<DockerClient.Answer> asking = new FutureTask<>(() -> daemon.ask("/hanse/v1/health"));
    Thread.ofVirtual().name("health").start(asking);
    try {
      return asking.get(timeoutSeconds, TimeUnit.SECONDS);
    } catch (TimeoutException silent) {
      throw new IOException(
          "the daemon at %s does not answer within %d s".formatted(daemon.socket(), timeoutSeconds),
          silent);
    } catch (ExecutionException failure) {
      throw failure.getCause() instanceof IOException refused
          ? refused
          : new IOException(failure.getCause());
    }
  }

  private void print(JsonNode parts, PrintWriter out) {
    boolean healthy = true;
    for (JsonNode part : parts) {
      boolean well = part.path("Fault").isMissingNode();
      healthy &= well;
      String name = part.path("Name").asText();
      String vital = part.path("Vital").asBoolean() ? " (vital)" : "";
      if (!well) {
        out.println(part.path("Fault").asText() + vital + ", since " + part.path("Since").asText());
      } else if (all) {
        out.println(name + ": healthy" + vital);
      }
    }
    if (healthy && !all) {
      out.println("healthy");
    }
    out.flush();
  }
}
