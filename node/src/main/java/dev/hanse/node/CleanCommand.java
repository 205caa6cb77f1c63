package dev.hanse.node;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code hanse clean}: as if the daemon had never run here. */
@Command(
    name = "clean",
    description = {
      "Removes all that a stopped daemon has left on this machine: containers, network namespaces,",
      "links, packet rules, mounts, control groups, sockets. Images, volumes, logs and the",
      "membership in a swarm stay, unless --data is given. Refused while the daemon runs, and for",
      "directories that no daemon has used."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class CleanCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--data",
      description =
          "Remove the data root too: images, volumes and what is in them, logs, the swarm")
  private boolean data;

  @Option(
      names = "--data-root",
      description = "Of the daemon (default: ${DEFAULT-VALUE})",
      defaultValue = "/var/lib/hanse")
  private Path dataRoot = Path.of("/var/lib/hanse");

  @Option(
      names = "--exec-root",
      description = "Of the daemon (default: ${DEFAULT-VALUE})",
      defaultValue = "/run/hanse")
  private Path execRoot = Path.of("/run/hanse");

  @Option(
      names = {"-H", "--host"},
      paramLabel = "ADDRESS",
      description = "Where the daemon's API listened, as it was told; may be repeated")
  private List<String> hosts = new ArrayList<>();

  @Option(
      names = "--containerd",
      paramLabel = "SOCKET",
      description = "containerd that the daemon used, as it was told, or \"private\"")
  private @Nullable String containerd;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Logging.configure(DaemonCommand.LogLevel.ERROR);
    DaemonCommand.requireNamed("--data-root", dataRoot);
    DaemonCommand.requireNamed("--exec-root", execRoot);
    DaemonCommand daemon = new DaemonCommand();
    daemon.dataRoot = dataRoot;
    daemon.execRoot = execRoot;
    daemon.hosts = hosts;
    daemon.insecureTcp = true; // Nothing listens.
    daemon.containerd = containerd;
    PrintWriter out = Objects.requireNonNull(spec, "set by picocli").commandLine().getOut();
    List<String> faults = new Cleaning(daemon.settings(), out::println).run(data);
    faults.forEach(fault -> System.err.println("hanse: " + fault));
    return faults.isEmpty() ? 0 : 1;
  }
}
