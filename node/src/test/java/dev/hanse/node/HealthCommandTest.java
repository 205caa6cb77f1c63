package dev.hanse.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code hanse health} makes of a daemon's answers. */
@Timeout(60)
class HealthCommandTest {
  private static final String WELL =
      """
      {"State":"healthy","Parts":[{"Name":"hanse-dispatch","Vital":true,"State":"healthy"}]}""";

  private static final String IMPAIRED =
      """
      {"State":"impaired","Parts":[
      {"Name":"managers","Vital":false,"State":"faulty","Since":"2026-01-02T03:04:05Z",
       "Fault":"managers: no manager serves this node"}]}""";

  private static final String UNHEALTHY =
      """
      {"State":"unhealthy","Parts":[
      {"Name":"hanse-dispatch","Vital":true,"State":"healthy"},
      {"Name":"containerd","Vital":true,"State":"faulty","Since":"2026-01-02T03:04:05Z",
       "Fault":"containerd: does not answer"}]}""";

  @TempDir Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(int status, String answer, String... options) throws Exception {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("api.sock"));
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(address);
      CompletableFuture<String> asked =
          CompletableFuture.supplyAsync(() -> answerOne(server, status, answer));
      CommandLine commandLine = Commands.commandLine();
      commandLine.setOut(new PrintWriter(out, true));
      commandLine.setErr(new PrintWriter(err, true));
      String[] arguments = new String[options.length + 3];
      arguments[0] = "health";
      arguments[1] = "-H";
      arguments[2] = "unix://" + address.getPath();
      System.arraycopy(options, 0, arguments, 3, options.length);
      int result = commandLine.execute(arguments);
      assertThat(asked.join()).startsWith("GET ").contains("/hanse/v1/health");
      return result;
    } finally {
      java.nio.file.Files.deleteIfExists(address.getPath());
    }
  }

  private static String answerOne(ServerSocketChannel server, int status, String answer) {
    try (SocketChannel client = server.accept()) {
      ByteBuffer request = ByteBuffer.allocate(4096);
      while (!text(request).contains("\r\n\r\n") && client.read(request) >= 0) {
        assertThat(request.hasRemaining()).isTrue();
      }
      byte[] body = answer.getBytes(StandardCharsets.UTF_8);
      String head =
          "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
              .formatted(status, body.length);
      ByteBuffer whole = ByteBuffer.allocate(head.length() + body.length);
      whole.put(head.getBytes(StandardCharsets.US_ASCII)).put(body).flip();
      while (whole.hasRemaining()) {
        client.write(whole);
      }
      return text(request);
    } catch (java.io.IOException fault) {
      throw new java.io.UncheckedIOException(fault);
    }
  }

  private static String text(ByteBuffer buffer) {
    return StandardCharsets.US_ASCII.decode(buffer.duplicate().flip()).toString();
  }

  @Test
  void a_healthy_node_is_one_word() throws Exception {
    assertThat(run(200, WELL)).isZero();
    assertThat(out.toString().strip()).isEqualTo("healthy");
  }

  @Test
  void what_is_not_vital_is_said_and_is_no_failure() throws Exception {
    assertThat(run(200, IMPAIRED)).isZero();
    assertThat(out.toString().strip())
        .isEqualTo("managers: no manager serves this node, since 2026-01-02T03:04:05Z");
  }

  @Test
  void an_unhealthy_node_is_a_failure_and_says_why() throws Exception {
    assertThat(run(503, UNHEALTHY)).isEqualTo(1);
    assertThat(out.toString().strip())
        .isEqualTo("containerd: does not answer (vital), since 2026-01-02T03:04:05Z");
  }

  @Test
  void all_parts_are_listed_when_asked_for() throws Exception {
    assertThat(run(503, UNHEALTHY, "--all")).isEqualTo(1);
    assertThat(out.toString().lines())
        .containsExactly(
            "hanse-dispatch: healthy (vital)",
            "containerd: does not answer (vital), since 2026-01-02T03:04:05Z");
  }

  @Test
  void an_answer_that_is_none_is_no_health() throws Exception {
    assertThat(run(500, "{\"message\":\"broken\"}")).isEqualTo(1);
    assertThat(err.toString()).contains("does not say how it is", "broken");
  }

  @Test
  void a_daemon_that_is_silent_is_a_failure() throws Exception {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("api.sock"));
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(address);
      CommandLine commandLine = Commands.commandLine();
      commandLine.setErr(new PrintWriter(err, true));
      assertThat(
              commandLine.execute("health", "-H", "unix://" + address.getPath(), "--timeout", "1"))
          .isEqualTo(1);
      assertThat(err.toString()).contains(address.getPath() + " does not answer within 1 s");
    }
  }
}
