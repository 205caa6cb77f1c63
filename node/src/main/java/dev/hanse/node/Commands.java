package dev.hanse.node;

import dev.hanse.lab.DemoCommand;
import dev.hanse.lab.LabCommand;
import dev.hanse.node.snapshot.ClusterCommand;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command tree: one subcommand for each thing a person does with {@code hanse}. */
@Command(
    name = "hanse",
    description = "A container cluster manager: Docker swarm mode, driven by the docker CLI.",
    mixinStandardHelpOptions = true,
    versionProvider = Commands.BuildVersion.class,
    subcommands = {
      DaemonCommand.class,
      ClusterCommand.class,
      NodeCommand.class,
      HealthCommand.class,
      CleanCommand.class,
      DemoCommand.class,
      LabCommand.class,
      HelpCommand.class,
    })
final class Commands implements Runnable {

  @Spec private @Nullable CommandSpec spec;

  private Commands() {}

  /** The whole command tree, also used to check {@code --help} in tests. */
  static CommandLine commandLine() {
    return new CommandLine(new Commands())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(
            (fault, commandLine, parsed) -> {
              commandLine.getErr().println("hanse: " + Main.describe(fault));
              if (Boolean.getBoolean("hanse.trace")) {
                fault.printStackTrace(commandLine.getErr());
              }
              return 1;
            });
  }

  @Override
  public void run() {
    CommandLine commandLine = Objects.requireNonNull(spec, "set by picocli").commandLine();
    commandLine.usage(commandLine.getOut());
  }

  /** What {@code --version} shows. */
  static final class BuildVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"hanse " + Version.PROGRAM};
    }
  }
}
