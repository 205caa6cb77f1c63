package dev.hanse.lab;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hanse lab …}: several hosts on this machine. */
@Command(
    name = "lab",
    description = {
      "Several hosts on this machine: each is a network namespace on a switch, with its own daemon.",
      "For trying out, demonstrations, tests and benchmarks. Needs root."
    },
    mixinStandardHelpOptions = true)
public final class LabCommand implements Runnable {
  private static final String DEFAULT_NAME = "lab";

  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    if (spec != null) {
      spec.commandLine().usage(spec.commandLine().getOut());
    }
  }

  /** Which lab is meant. */
  static final class Chosen {
    @Option(names = "--name", description = "The lab's name (default: the only lab, or \"lab\")")
    private @Nullable String name;

    @Option(names = "--dir", description = "Where labs live (default: /run and /var/lib/hanse-lab)")
    private @Nullable Path directory;

    Directories directories() {
      return directory == null ? Directories.standard() : Directories.below(directory);
    }

    String newName() {
      return name == null ? DEFAULT_NAME : name;
    }

    Lab lab() {
      if (name != null) {
        String wanted = name;
        return Lab.find(directories(), wanted)
            .orElseThrow(() -> new LabException("lab " + wanted + " is not up"));
      }
      List<Lab> all = Lab.all(directories());
      if (all.isEmpty()) {
        throw new LabException("no lab is up: hanse lab up");
      }
      if (all.size() > 1) {
        throw new LabException(
            "several labs are up, choose one with --name: "
                + String.join(", ", all.stream().map(Lab::name).toList()));
      }
      return all.getFirst();
    }
  }

  @Command(
      name = "up",
      description = "Makes a lab: hosts, a daemon on each, and a swarm of them.",
      mixinStandardHelpOptions = true)
  int up(
      @picocli.CommandLine.Mixin Chosen chosen,
      @Option(
              names = "--managers",
              defaultValue = "1",
              description = "Default: 1; three lose one without harm")
          int managers,
      @Option(names = "--workers", defaultValue = "2", description = "Default: 2") int workers,
      @Option(names = "--block", paramLabel = "N", description = "Use 10.N.0.0/24")
          @Nullable Integer block,
      @Option(names = "--no-swarm", description = "Start the daemons but make no swarm of them")
          boolean noSwarm,
      @Option(names = "--docker", description = "Real Docker daemons instead, for comparison")
          boolean docker,
      @Option(
              names = "--daemon-option",
              paramLabel = "OPTION",
              description = "A further option of every daemon; may be repeated")
          @Nullable List<String> daemonOptions,
      @Option(
              names = "--timeout",
              paramLabel = "SECONDS",
              defaultValue = "60",
              description =
                  "For each daemon's start, and for the last node to be ready; default: 60")
          int seconds) {
    LabPlan plan =
        LabPlan.of(chosen.newName(), managers, workers)
            .withLimit(Duration.ofSeconds(seconds))
            .withDaemonOptions(daemonOptions == null ? List.of() : daemonOptions);
    if (block != null) {
      plan = plan.withBlock(OptionalInt.of(block));
    }
    if (docker) {
      plan = plan.withEngine(Engine.DOCKER);
    }
    if (noSwarm) {
      plan = plan.withoutSwarm();
    }
    Lab lab = make(chosen.directories(), plan);
    System.out.println("lab " + lab.name() + " is up:");
    printHosts(lab);
    System.out.println();
    System.out.println("export DOCKER_HOST=" + lab.hosts().getFirst().dockerHost());
    return 0;
  }

  @Command(
      name = "ls",
      description = "Lists labs and their hosts, with their roles in the swarm now.",
      mixinStandardHelpOptions = true)
  int list(@picocli.CommandLine.Mixin Chosen chosen) {
    for (Lab lab : Lab.all(chosen.directories())) {
      System.out.println(
          "lab " + lab.name() + (lab.complete() ? "" : " (interrupted: hanse lab down)"));
      printHosts(lab);
    }
    return 0;
  }

  @Command(
      name = "exec",
      description = {
        "Runs a command on a host: in its network namespace, with DOCKER_HOST set.",
        "Example: hanse lab exec host2 -- ip address"
      },
      mixinStandardHelpOptions = true)
  int execute(
      @picocli.CommandLine.Mixin Chosen chosen,
      @Parameters(index = "0", paramLabel = "HOST") String host,
      @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND") List<String> command)
      throws IOException, InterruptedException {
    return chosen.lab().command(host, new ArrayList<>(command)).inheritIO().start().waitFor();
  }

  @Command(
      name = "kill",
      description = "Kills the host's daemon (SIGKILL); its containers go on.",
      mixinStandardHelpOptions = true)
  int kill(
      @picocli.CommandLine.Mixin Chosen chosen,
      @Parameters(paramLabel = "HOST") String host,
      @Option(names = "--power", description = "Cut power: containers and containerd die as well")
          boolean power) {
    if (power) {
      chosen.lab().powerOff(host);
    } else {
      chosen.lab().kill(host);
    }
    return 0;
  }

  @Command(
      name = "restart",
      description = "Starts the host's daemon (again) and waits for its API.",
      mixinStandardHelpOptions = true)
  int restart(
      @picocli.CommandLine.Mixin Chosen chosen, @Parameters(paramLabel = "HOST") String host) {
    chosen.lab().restart(host);
    return 0;
  }

  @Command(
      name = "partition",
      description = "Pulls the host's cable: it reaches nobody and nobody reaches it.",
      mixinStandardHelpOptions = true)
  int partition(
      @picocli.CommandLine.Mixin Chosen chosen, @Parameters(paramLabel = "HOST") String host) {
    chosen.lab().partition(host);
    return 0;
  }

  @Command(
      name = "heal",
      description = "Plugs the host's cable in again.",
      mixinStandardHelpOptions = true)
  int heal(@picocli.CommandLine.Mixin Chosen chosen, @Parameters(paramLabel = "HOST") String host) {
    chosen.lab().heal(host);
    return 0;
  }

  @Command(
      name = "down",
      description = "Removes a lab with all its containers, data and interfaces.",
      mixinStandardHelpOptions = true)
  int down(@picocli.CommandLine.Mixin Chosen chosen) {
    chosen.lab().down(LabCommand::say);
    return 0;
  }

  @Command(
      name = "train",
      hidden = true,
      description = "Trains the ahead-of-time cache of the distribution (used by the build).",
      mixinStandardHelpOptions = true)
  int train(@Option(names = "--output", required = true) Path output) throws IOException {
    Training.run(output.toAbsolutePath());
    return 0;
  }

  private static Lab make(Directories directories, LabPlan plan) {
    return Interruption.guard(
        directories,
        plan.name(),
        LabCommand::say,
        () -> Lab.up(directories, plan, LabCommand::say));
  }

  static void say(String progress) {
    System.err.println("» " + progress);
  }

  private static void printHosts(Lab lab) {
    TextTable table = new TextTable("HOST", "ADDRESS", "ROLE", "DAEMON", "CABLE", "DOCKER_HOST");
    Map<String, String> roles = SwarmRoles.of(lab.hosts());
    for (HostState host : lab.hosts()) {
      boolean runs = host.daemon().filter(ProcessIdentity::alive).isPresent();
      table.row(
          host.name(),
          host.address(),
          roles.getOrDefault(host.name(), host.manager() ? "manager" : "worker"),
          runs ? "pid " + host.daemon().get().pid() : "stopped",
          lab.complete() && lab.connected(host.name()) ? "plugged in" : "pulled",
          host.dockerHost());
    }
    System.out.print(table.indentedBy(2));
  }
}
