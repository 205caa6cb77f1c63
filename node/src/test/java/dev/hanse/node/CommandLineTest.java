package dev.hanse.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class CommandLineTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    CommandLine commandLine = Commands.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }

  @Test
  void helpNamesEverySubcommand() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString()).contains("daemon", "cluster", "demo", "lab");
  }

  @Test
  void theVersionIsThatOfTheBuild() {
    assertThat(run("--version")).isZero();
    assertThat(out.toString().trim()).matches("hanse \\d+\\.\\d+\\.\\d+.*");
  }

  @Test
  void anUnknownOptionStopsTheStartAndTheNearestIsNamed() {
    assertThat(run("daemon", "--data-rot", "/tmp/x")).isEqualTo(2);
    assertThat(err.toString()).contains("--data-rot", "--data-root");
  }

  @Test
  void tcpWithoutTlsNeedsAnExplicitFlag() {
    assertThat(run("daemon", "-H", "tcp://127.0.0.1:2375")).isEqualTo(1);
    assertThat(err.toString()).contains("--tls-dir", "--insecure-tcp");
  }
}
