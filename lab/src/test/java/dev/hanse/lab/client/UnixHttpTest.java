package dev.hanse.lab.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixHttpTest {
  @TempDir Path directory;
  private CompletableFuture<String> request = new CompletableFuture<>();

  @Test
  void a_body_in_chunks_is_put_together() throws Exception {
    answering(
        """
            HTTP/1.1 200 OK
            Transfer-Encoding: chunked

            4;note=1
            {"a"
            3
            :1}
            0

            """
            .replace("\n", "\r\n"));
    assertThat(client().get("/info").path("a").asInt()).isEqualTo(1);
    assertThat(request.join()).startsWith("GET /v1.41/info HTTP/1.1\r\n");
  }

  @Test
  void a_body_of_known_length_ends_there() throws Exception {
    answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOKmore");
    assertThat(client().text("/x")).isEqualTo("OK");
  }

  @Test
  void a_body_without_length_ends_with_the_connection() throws Exception {
    answering("HTTP/1.1 200 OK\r\n\r\nall of it");
    assertThat(client().text("/x")).isEqualTo("all of it");
  }

  @Test
  void an_error_carries_status_and_message() throws Exception {
    answering("HTTP/1.1 404 Not Found\r\nContent-Length: 25\r\n\r\n{\"message\":\"no such one\"}");
    assertThatThrownBy(() -> client().get("/services/x"))
        .isInstanceOfSatisfying(
            DockerException.class,
            error -> {
              assertThat(error.status()).isEqualTo(404);
              assertThat(error).hasMessage("no such one");
            });
  }

  @Test
  void a_cut_body_is_an_error_and_not_a_short_answer() throws Exception {
    answering("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nshort");
    assertThatThrownBy(() -> client().text("/x")).hasMessageContaining("15 bytes before the end");
    answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nshort");
    assertThatThrownBy(() -> client().text("/x")).hasMessageContaining("middle of a chunk");
  }

  @Test
  void something_else_than_http_is_refused() throws Exception {
    answering("SSH-2.0-OpenSSH_9.2\r\n\r\n");
    assertThatThrownBy(() -> client().text("/x")).hasMessageContaining("not an HTTP answer");
  }

  @Test
  void a_post_sends_its_json() throws Exception {
    answering("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    client().post("/swarm/init", new ObjectMapper().readTree("{\"Spec\":{}}"));
    assertThat(request.join())
        .startsWith("POST /v1.41/swarm/init HTTP/1.1\r\n")
        .contains("Content-Type: application/json\r\n", "Content-Length: 11\r\n")
        .endsWith("\r\n\r\n{\"Spec\":{}}");
  }

  @Test
  void a_stream_is_sent_in_chunks_however_long_it_is() throws Exception {
    answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    String content = "x".repeat(32 * 1024) + "end";
    client().send("/restore", "application/x-state", stream(content));
    assertThat(request.join())
        .startsWith("POST /v1.41/restore HTTP/1.1\r\n")
        .contains("Content-Type: application/x-state\r\n", "Transfer-Encoding: chunked\r\n")
        .contains("\r\n\r\n8000\r\nxxx")
        .endsWith("xxx\r\n3\r\nend\r\n0\r\n\r\n");
  }

  @Test
  void who_refuses_a_stream_before_its_end_is_understood() throws Exception {
    answering("HTTP/1.1 503 Unavailable\r\nContent-Length: 16\r\n\r\n{\"message\":\"no\"}", true);
    assertThatThrownBy(
            () -> client().send("/restore", "application/x-state", stream("x".repeat(4 << 20))))
        .isInstanceOf(DockerException.class)
        .hasMessage("no");
  }

  @Test
  void a_stream_that_fails_breaks_the_request_off() throws Exception {
    answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    InputStream failing =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("tampered with");
          }

          @Override
          public int read(byte[] bytes, int offset, int length) throws IOException {
            return read();
          }
        };
    assertThatThrownBy(() -> client().send("/restore", "application/x-state", failing))
        .hasMessage("tampered with");
    assertThat(request.join()).doesNotContain("0\r\n\r\n");
  }

  @Test
  void a_download_is_read_as_it_comes() throws Exception {
    answering("HTTP/1.1 200 OK\r\nLog-Index: 7\r\nContent-Length: 5\r\n\r\nstate");
    String all =
        client()
            .download(
                "/snapshot",
                download ->
                    download.header().apply("log-index").orElseThrow()
                        + new String(download.body().readAllBytes(), StandardCharsets.UTF_8));
    assertThat(all).isEqualTo("7state");
  }

  private static InputStream stream(String content) {
    return new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void filters_are_json_in_the_query() {
    assertThat(DockerClient.filters(Map.of("service", "web")))
        .isEqualTo("%7B%22service%22%3A%5B%22web%22%5D%7D");
  }

  @Test
  void nobody_there_is_no_answer() {
    assertThat(new DockerClient(directory.resolve("nobody.sock")).answers()).isFalse();
  }

  private DockerClient client() {
    return new DockerClient(directory.resolve("test.sock"));
  }

  /** Listens and answers one connection with {@code answer}; the request goes to the field. */
  private void answering(String answer) throws IOException {
    answering(answer, false);
  }

  private void answering(String answer, boolean afterTheHead) throws IOException {
    Path socket = directory.resolve("test.sock");
    Files.deleteIfExists(socket);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    request = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try (server;
                  SocketChannel peer = server.accept()) {
                request.complete(readRequest(peer, afterTheHead));
                peer.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
              } catch (IOException failure) {
                request.completeExceptionally(failure);
              }
            });
  }

  private static String readRequest(SocketChannel peer, boolean headOnly) throws IOException {
    StringBuilder text = new StringBuilder();
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    while (peer.read(buffer) >= 0) {
      text.append(StandardCharsets.UTF_8.decode(buffer.flip()));
      buffer.clear();
      int head = text.indexOf("\r\n\r\n");
      if (head >= 0 && (headOnly || isWhole(text.toString(), head))) {
        break;
      }
    }
    return text.toString();
  }

  private static boolean isWhole(String request, int head) {
    return request.contains("chunked")
        ? request.endsWith("\r\n0\r\n\r\n")
        : request.length() >= head + 4 + bodyLength(request);
  }

  private static int bodyLength(String request) {
    int at = request.indexOf("Content-Length: ");
    return at < 0
        ? 0
        : Integer.parseInt(request.substring(at + 16, request.indexOf('\r', at)).strip());
  }
}
