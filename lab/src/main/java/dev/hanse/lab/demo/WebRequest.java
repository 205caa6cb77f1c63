package dev.hanse.lab.demo;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One request to the web service from this machine, on a connection of its own so that each is
 * balanced anew.
 *
 * @param status the HTTP status
 * @param container the host name of the container that answered, empty when the page did not tell
 * @param clientSeen the client's address as the container saw it, empty when the page did not tell
 * @param clientReal the client's address as this machine knows it
 */
public record WebRequest(int status, String container, String clientSeen, String clientReal) {
  private static final int ANSWER_BYTES_MAX = 64 * 1024;
  private static final int TIMEOUT_MILLIS = (int) Duration.ofSeconds(3).toMillis();

  /**
   * Asks for the page.
   *
   * @throws IOException when nobody answers within three seconds, or not by HTTP
   */
  public static WebRequest send(String address, int port) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      String request = "GET / HTTP/1.0\r\nHost: " + address + ":" + port + "\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      String answer = new String(in.readNBytes(ANSWER_BYTES_MAX), StandardCharsets.UTF_8);
      return parse(answer, socket.getLocalAddress().getHostAddress());
    }
  }

  static WebRequest parse(String answer, String clientReal) throws IOException {
    List<String> lines = answer.lines().toList();
    if (lines.isEmpty() || !lines.getFirst().startsWith("HTTP/1.")) {
      throw new IOException("no HTTP answer");
    }
    String[] words = lines.getFirst().split(" ", 3);
    return new WebRequest(
        Integer.parseInt(words[1]),
        value(lines, "container").orElse(""),
        value(lines, "client").orElse(""),
        clientReal);
  }

  private static Optional<String> value(List<String> lines, String key) {
    String prefix = key + ": ";
    return lines.stream()
        .filter(line -> line.startsWith(prefix))
        .map(line -> line.substring(prefix.length()).strip())
        .findFirst();
  }
}
