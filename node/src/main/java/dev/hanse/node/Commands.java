package dev.hanse.node;

import dev.hanse.lab.DemoCommand;
import dev.hanse.lab.LabCommand;
import dev.hanse.node.daemon.Version;
import dev.hanse.node.snapshot.ClusterCommand;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.TextTable;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
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

  private static final int INDENT = 2;

  @Spec private @Nullable CommandSpec spec;

  private Commands() {}

  /** The whole command tree, also used to check {@code --help} in tests. */
  static CommandLine commandLine() {
    CommandLine hanse = new CommandLine(new Commands());
    Map<String, IHelpSectionRenderer> sections = new HashMap<>(hanse.getHelpSectionMap());
    sections.put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, Commands::commandList);
    tellVersion(hanse);
    return hanse
        .setHelpSectionMap(sections)
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

  private static void tellVersion(CommandLine command) {
    command.getCommandSpec().versionProvider(new BuildVersion());
    command.getSubcommands().values().forEach(Commands::tellVersion);
  }

  /** Each command with the first sentence of its description; picocli takes the first line. */
  private static String commandList(Help help) {
    int names = help.subcommands().keySet().stream().mapToInt(String::length).max().orElse(0);
    int left = names + 2 * INDENT;
    TextTable table =
        TextTable.forColumns(
            help.colorScheme(),
            new Column(left, INDENT, Column.Overflow.SPAN),
            new Column(
                help.commandSpec().usageMessage().width() - left, INDENT, Column.Overflow.WRAP));
    help.subcommands()
        .forEach((name, of) -> table.addRowValues(name, sentence(of.commandSpec().usageMessage())));
    return table.toString();
  }

  private static String sentence(UsageMessageSpec usage) {
    String[] lines = usage.header().length > 0 ? usage.header() : usage.description();
    String text = String.join(" ", lines);
    int end = text.indexOf(". ");
    return end < 0 ? text : text.substring(0, end + 1);
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
