package dev.hanse.node;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class DaemonArgumentsTest {

  private static DaemonCommand byLibrary(String... arguments) {
    CommandLine.ParseResult parsed = Commands.commandLine().parseArgs(arguments);
    return (DaemonCommand) parsed.subcommand().commandSpec().userObject();
  }

  @Test
  void everyOptionIsReadAsTheLibraryReadsIt() throws IOException {
    CommandLine daemon = requireNonNull(Commands.commandLine().getSubcommands().get("daemon"));
    for (OptionSpec option : daemon.getCommandSpec().options()) {
      if (option.usageHelp() || option.versionHelp()) {
        continue;
      }
      for (String name : option.names()) {
        assertSame(arguments(option, name));
      }
    }
  }

  private static String[] arguments(OptionSpec option, String name) {
    List<String> arguments = new ArrayList<>(List.of("daemon", name));
    if (option.arity().max() > 0) {
      arguments.add(
          switch (name) {
            case "-H", "--host" -> "unix:///tmp/x.sock";
            case "-l", "--log-level" -> "debug";
            case "--nice", "--oom-score-adjust" -> "5";
            case "--node-generic-resource" -> "SSD=3";
            default -> "value";
          });
    }
    return arguments.toArray(String[]::new);
  }

  private static void assertSame(String... arguments) throws IOException {
    DaemonCommand read = DaemonArguments.parse(arguments).orElseThrow();
    DaemonCommand expected = byLibrary(arguments);
    assertThat(read.settings()).as("%s", List.of(arguments)).isEqualTo(expected.settings());
    assertThat(read.logLevel).isEqualTo(expected.logLevel);
    assertThat(read.insecureTcp).isEqualTo(expected.insecureTcp);
    assertThat(read.tlsDirectory).isEqualTo(expected.tlsDirectory);
  }

  @Test
  void optionsMayBeRepeatedAndJoined() throws IOException {
    assertSame("daemon");
    assertSame("daemon", "--data-root=/tmp/a=b", "--dns", "10.0.0.1", "--dns=10.0.0.2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "daemon --help",
        "daemon -h",
        "daemon --data-rot /x",
        "daemon --hostname",
        "daemon --hostname --insecure-tcp",
        "daemon --hostname=",
        "daemon -pfile",
        "daemon --log-level loud",
        "daemon --nice high",
        "daemon --nice -5",
        "daemon stray",
        "lab up",
        "",
      })
  void theRestIsLeftToTheLibrary(String line) {
    assertThat(DaemonArguments.parse(line.split(" "))).isEmpty();
  }
}
