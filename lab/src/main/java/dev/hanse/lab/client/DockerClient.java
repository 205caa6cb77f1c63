package dev.hanse.lab.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The Docker Engine API of one daemon, reached over its unix socket. Paths are given without the
 * version prefix. Safe to use from several threads: it keeps nothing between requests.
 *
 * @see <a href="https://docs.docker.com/reference/api/engine/version/v1.41/">Docker Engine API
 *     1.41</a>
 */
public final class DockerClient {
  /**
   * The version spoken: the oldest one served, so that a lab of older Docker daemons works as well.
   */
  public static final String API_VERSION = "v1.41";

  private static final int ANSWER_BYTES_MAX = 256 * 1024 * 1024;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path socket;

  /** A client of the daemon that listens on {@code socket}. */
  public DockerClient(Path socket) {
    this.socket = socket;
  }

  /** The socket this client talks to. */
  public Path socket() {
    return socket;
  }

  /**
   * Reads a JSON answer.
   *
   * @throws DockerException when the daemon answers with an error
   * @throws IOException when it cannot be reached
   */
  public JsonNode get(String path) throws IOException {
    return json(request("GET", path, Optional.empty(), Map.of()));
  }

  /**
   * An answer whatever its status.
   *
   * @param body missing if it is none
   */
  public record Answer(int status, JsonNode body) {}

  /** Reads a JSON answer that may have another status than 200, which is then part of it. */
  public Answer ask(String path) throws IOException {
    String target = "/" + API_VERSION + path;
    try (UnixHttp exchange = UnixHttp.exchange(socket, "GET", target, Map.of(), Optional.empty())) {
      return new Answer(exchange.status(), json(readLimited(exchange.body())));
    }
  }

  /** Reads a whole answer as text. Errors as {@link #get}. */
  public String text(String path) throws IOException {
    return new String(request("GET", path, Optional.empty(), Map.of()), StandardCharsets.UTF_8);
  }

  /** Sends a request with a JSON body. Errors as {@link #get}. */
  public JsonNode post(String path, JsonNode body) throws IOException {
    ByteBuffer content = StandardCharsets.UTF_8.encode(body.toString());
    UnixHttp.Body json = new UnixHttp.Body.Bytes("application/json", content);
    return json(request("POST", path, Optional.of(json), Map.of()));
  }

  /** Sends a request without a body. Errors as {@link #get}. */
  public JsonNode post(String path) throws IOException {
    return json(request("POST", path, Optional.empty(), Map.of()));
  }

  /** Sends bytes, for example an image, and returns the answer as text. Errors as {@link #get}. */
  public String send(String path, String mediaType, byte[] bytes) throws IOException {
    Optional<UnixHttp.Body> body =
        Optional.of(new UnixHttp.Body.Bytes(mediaType, ByteBuffer.wrap(bytes)));
    return new String(request("POST", path, body, Map.of()), StandardCharsets.UTF_8);
  }

  /**
   * Sends what a stream holds, however long, and reads a JSON answer. Errors as {@link #get}; those
   * of the stream are thrown, too, and the request is then broken off.
   */
  public JsonNode send(String path, String mediaType, InputStream content) throws IOException {
    Optional<UnixHttp.Body> body = Optional.of(new UnixHttp.Body.Stream(mediaType, content));
    return json(request("POST", path, body, Map.of()));
  }

  /**
   * An answer that is read as it comes.
   *
   * @param header finds a header of the answer
   * @param body throws when the connection ends before the answer does
   */
  public record Download(Function<String, Optional<String>> header, InputStream body) {}

  /** What to do with a {@link Download}. */
  @FunctionalInterface
  public interface Receiver<T> {
    /** Reads the answer. */
    T receive(Download download) throws IOException;
  }

  /** Reads an answer of any length. Errors as {@link #get}. */
  public <T> T download(String path, Receiver<T> receiver) throws IOException {
    String target = "/" + API_VERSION + path;
    try (UnixHttp exchange = UnixHttp.exchange(socket, "GET", target, Map.of(), Optional.empty())) {
      if (exchange.status() >= 300) {
        throw new DockerException(exchange.status(), messageOf(readLimited(exchange.body())));
      }
      return receiver.receive(new Download(exchange::header, exchange.body()));
    }
  }

  /** Removes. Errors as {@link #get}. */
  public void delete(String path) throws IOException {
    request("DELETE", path, Optional.empty(), Map.of());
  }

  /** True when the daemon answers {@code /_ping}. */
  public boolean answers() {
    try (UnixHttp exchange =
        UnixHttp.exchange(socket, "GET", "/_ping", Map.of(), Optional.empty())) {
      return exchange.status() == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  /** The text of a {@code filters} parameter, ready to be put behind {@code ?filters=}. */
  public static String filters(Map<String, String> filters) {
    var json = JSON.createObjectNode();
    filters.forEach((key, value) -> json.putArray(key).add(value));
    return URLEncoder.encode(json.toString(), StandardCharsets.UTF_8);
  }

  private byte[] request(
      String method, String path, Optional<UnixHttp.Body> body, Map<String, String> headers)
      throws IOException {
    String target = "/" + API_VERSION + path;
    try (UnixHttp exchange = UnixHttp.exchange(socket, method, target, headers, body)) {
      byte[] answer = readLimited(exchange.body());
      if (exchange.status() >= 300) {
        throw new DockerException(exchange.status(), messageOf(answer));
      }
      return answer;
    }
  }

  private static byte[] readLimited(InputStream body) throws IOException {
    byte[] answer = body.readNBytes(ANSWER_BYTES_MAX);
    if (answer.length == ANSWER_BYTES_MAX) {
      throw new IOException("answer is larger than " + ANSWER_BYTES_MAX + " bytes");
    }
    return answer;
  }

  private static JsonNode json(byte[] answer) throws IOException {
    if (answer.length == 0) {
      return MissingNode.getInstance();
    }
    return JSON.readTree(answer);
  }

  private static String messageOf(byte[] answer) {
    String text = new String(answer, StandardCharsets.UTF_8);
    try {
      return JSON.readTree(text).path("message").asText(text);
    } catch (JsonProcessingException notJson) {
      return text;
    }
  }
}
