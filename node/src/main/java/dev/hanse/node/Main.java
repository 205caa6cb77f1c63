package dev.hanse.node;

import dev.hanse.lab.DemoCommand;
import dev.hanse.lab.LabCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * The program {@code hanse}: one executable, one subcommand for each thing a person does with it.
 */
@Command(
    name = "hanse",
    description = "A container cluster manager: Docker swarm mode, driven by the docker CLI.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      DaemonCommand.class,
      DemoCommand.class,
      LabCommand.class,
      HelpCommand.class,
    })
public final class Main implements Runnable {

  @Spec private CommandSpec spec;

  private Main() {}

  /**
   * Runs the command and ends the process with its status: 0 done, 1 failed, 2 used wrongly.
   *
   * @param arguments the command line
   */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  /** The whole command tree, also used to check {@code --help} in tests. */
  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(
            (fault, commandLine, parsed) -> {
              commandLine.getErr().println("hanse: " + describe(fault));
              if (Boolean.getBoolean("hanse.trace")) {
                fault.printStackTrace(commandLine.getErr());
              }
              return 1;
            });
  }

  private static String describe(Throwable fault) {
    String message = fault.getMessage();
    return message == null || message.isBlank() ? fault.toString() : message;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
