package dev.hanse.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
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
  void listsOfCommandsHaveWholeSentences() {
    assertThat(run("--help")).isZero();
    assertThat(run("cluster", "snapshot", "--help")).isZero();
    assertThat(run("lab", "--help")).isZero();
    String list = out.toString().replaceAll("\\s+", " ");
    assertThat(list)
        .contains("once the node is in a swarm, the agent and, on managers, the control plane.")
        .contains("control groups, sockets. demo Makes a lab")
        .doesNotContain("Ends on SIGTERM");
  }

  @Test
  void theVersionIsThatOfTheBuildAtEachCommand() {
    assertThat(run("--version")).isZero();
    assertThat(run("lab", "up", "--version")).isZero();
    assertThat(run("cluster", "snapshot", "save", "-V")).isZero();
    assertThat(out.toString().lines())
        .hasSize(3)
        .allMatch(line -> line.matches("hanse \\d+\\.\\d+\\.\\d+.*"));
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

  @Test
  void aFaultOfAFileIsToldInWords() {
    assertThat(Main.describe(new NoSuchFileException("/x")))
        .isEqualTo("no such file or directory: /x");
    assertThat(Main.describe(new AccessDeniedException("/x"))).isEqualTo("permission denied: /x");
    assertThat(Main.describe(new DirectoryNotEmptyException("/x"))).isEqualTo("not empty: /x");
    assertThat(Main.describe(new FileSystemException("/x"))).isEqualTo("cannot be used: /x");
    assertThat(Main.describe(new FileSystemException("/x", null, "No space left on device")))
        .isEqualTo("/x: No space left on device");
    assertThat(Main.describe(new IOException("why"))).isEqualTo("why");
  }
}
