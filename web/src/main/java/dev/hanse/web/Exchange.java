package dev.hanse.web;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.bounds.HeapShares;
import dev.hanse.bounds.MemoryShare;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Blocker;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer. Used by one virtual thread, that of the route; all calls may block.
 * Exactly one of the answers is given: {@link #json}, {@link #jsonArray}, {@link #empty}, {@link
 * #text}, {@link #bytes}, {@link #stream} or {@link #hijack}.
 */
public final class Exchange {
  private static final String JSON = "application/json";
  private static final int STREAM_BUFFER_BYTES = 8192;

  private final Request request;
  private final Response response;
  private final Map<String, String> variables;
  private final Query query;
  private final EndPoint endPoint;
  private final BodyClock bodyClock;
  private final long idleMs;

  /** What the body's tree takes, until the route has returned. */
  private final MemoryShare.Claim bodyMemory = HeapShares.REQUESTS.firm();

  /** What is held for the answer, until the route has returned. */
  private final MemoryShare.Claim answerMemory;

  private @Nullable JsonNode json;
  private boolean answered;
  private @Nullable ClientWatch watch;
  private @Nullable OutputStream stream;

  Exchange(
      Request request, Response response, Map<String, String> variables, Query query, long idleMs) {
    this.request = request;
    this.response = response;
    this.variables = variables;
    this.query = query;
    this.endPoint = request.getTunnelSupport().getEndPoint();
    this.bodyClock = new BodyClock(endPoint, idleMs);
    this.idleMs = idleMs;
    this.answerMemory = HeapShares.ANSWERS.yielding(endPoint::close);
  }

  // ---- the request

  /** The method, upper case. */
  public String method() {
    return request.getMethod();
  }

  /** A variable of the path template or of the {@link Dialect}, decoded. */
  public String variable(String name) {
    String value = variables.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no variable " + name + " in this route");
    }
    return value;
  }

  /** The parameters behind the question mark. */
  public Query query() {
    return query;
  }

  /** The parameters as they were sent, not decoded; empty if there are none. */
  public String rawQuery() {
    String query = request.getHttpURI().getQuery();
    return query == null ? "" : query;
  }

  /** A header, if sent and not empty. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(request.getHeaders().get(name)).filter(value -> !value.isEmpty());
  }

  /**
   * The JSON body, read once; an absent body is an empty object.
   *
   * @throws HttpFailure 400 if it is no JSON object, 413 if it is too long, 503 if too many bodies
   *     are being worked on
   */
  public JsonNode json() throws IOException {
    JsonNode known = json;
    if (known == null) {
      known = readJson();
      json = known;
    }
    return known;
  }

  private JsonNode readJson() throws IOException {
    String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
    byte[] body = BodyReader.read(body(), request.getLength(), endPoint::close);
    if (body.length == 0) {
      return Json.object();
    }
    requireJson(type == null ? "" : type);
    BodyReader.countTree(bodyMemory, body);
    JsonNode node = Json.parse(body);
    if (node.isNull()) {
      return Json.object();
    }
    if (!node.isObject()) {
      throw HttpFailure.invalid(
          "invalid JSON: cannot unmarshal " + node.getNodeType().name().toLowerCase(Locale.ROOT));
    }
    return node;
  }

  private static void requireJson(String type) {
    if (type.isEmpty()) {
      throw HttpFailure.invalid("malformed Content-Type header (): mime: no media type");
    }
    int end = type.indexOf(';');
    String media = (end < 0 ? type : type.substring(0, end)).strip();
    if (!media.equalsIgnoreCase("application/json")) {
      throw HttpFailure.invalid(
          "unsupported Content-Type header (%s): must be 'application/json'".formatted(type));
    }
  }

  /** The body as it arrives, of any length (image archives); reading blocks. */
  public InputStream body() {
    return bodyClock.watch(Content.Source.asInputStream(request));
  }

  /** Whether the client came over a unix socket, so from this machine and past its file mode. */
  public boolean isLocal() {
    return endPoint.getLocalSocketAddress() instanceof UnixDomainSocketAddress;
  }

  // ---- the answer

  /** Sets a header of the answer; before the answer itself. */
  public Exchange header(String name, String value) {
    response.getHeaders().put(name, value);
    return this;
  }

  /** Answers with a JSON document. */
  public void json(int status, JsonNode body) throws IOException {
    bytes(status, JSON, Json.bytes(body));
  }

  /**
   * Answers with a JSON array whose elements are made while they are sent: a list of a thousand
   * tasks is never in memory as a whole. An element that cannot be made is still answered with an
   * error while nothing was sent; later the connection is cut.
   */
  public void jsonArray(int status, Stream<? extends JsonNode> elements) throws IOException {
    jsonArray(status, elements.iterator(), 0);
  }

  /**
   * As {@link #jsonArray(int, Stream)}.
   *
   * @param heldBytes what is held for making the elements, until the last is sent
   * @throws HttpFailure 503 if too many long answers are being sent
   */
  public void jsonArray(int status, Iterator<? extends JsonNode> elements, long heldBytes)
      throws IOException {
    LongBody body =
        new LongBody(
            (last, part) -> {
              if (!answered) {
                if (!last || heldBytes > LongBody.PART_BYTES) {
                  count(heldBytes + LongBody.HELD_BYTES);
                }
                begin(status);
                response.getHeaders().put(HttpHeader.CONTENT_TYPE, JSON);
                if (last) {
                  response.getHeaders().put(HttpHeader.CONTENT_LENGTH, part.remaining());
                }
              }
              writeInTime(last, part);
              answerMemory.moved();
            });
    Json.writeArray(body, elements);
    body.end();
  }

  /** Counts what the answer takes while it is sent; the client that is slowest may be cut. */
  private void count(long bytes) {
    if (!answerMemory.grow(bytes)) {
      throw new HttpFailure(503, "too many long answers are being sent: try again later");
    }
  }

  /** Answers with a status and no body. */
  public void empty(int status) throws IOException {
    begin(status);
    write(true, ByteBuffer.allocate(0));
  }

  /** Answers with plain text. */
  public void text(int status, String body) throws IOException {
    bytes(status, "text/plain; charset=utf-8", body.getBytes(StandardCharsets.UTF_8));
  }

  /** Answers with a body that is in memory. */
  public void bytes(int status, String contentType, byte[] body) throws IOException {
    if (body.length > LongBody.PART_BYTES) {
      count(body.length);
    }
    begin(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, contentType);
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
    writeInTime(true, ByteBuffer.wrap(body));
  }

  /**
   * Answers with a body of unknown length. The head is sent at once. What is written is buffered
   * until {@code flush}; writing blocks while the client does not read, and throws once it is gone.
   * The body ends when the route returns, having flushed or closed the stream; if the route throws
   * instead, the connection is cut so that the client can tell.
   */
  public OutputStream stream(int status, String contentType) throws IOException {
    begin(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, contentType);
    write(false, ByteBuffer.allocate(0));
    if (bodyClock.ended() || !hasBody()) {
      watch = new ClientWatch(endPoint);
      watch.start();
    }
    stream = Content.Sink.asOutputStream(response);
    return new BufferedOutputStream(stream, STREAM_BUFFER_BYTES) {
      @Override
      public void close() throws IOException {
        flush(); // the end is sent by finish, when the client is no longer watched
      }
    };
  }

  /**
   * Completes, on another thread, when the client of a {@link #stream} has gone, so that what waits
   * for something to write can stop waiting. Never completes without a stream, or while a request
   * body is still to be read.
   */
  public CompletableFuture<Void> clientGone() {
    return watch == null ? new CompletableFuture<>() : watch.gone();
  }

  /** Runs something, briefly and on another thread, as soon as {@link #clientGone} completes. */
  public void onClientGone(Runnable action) {
    if (watch != null) {
      watch.onGone(action);
    }
  }

  /** Whether the client of a {@link #stream} is known to have gone. */
  public boolean isClientGone() {
    return watch != null && watch.gone().isDone();
  }

  /**
   * Turns the connection into raw bytes both ways: 101 if the client asked for an upgrade, else the
   * old form, 200. The session starts when the route has returned; the rest of the request's body
   * is skipped.
   *
   * @param contentType of the raw bytes
   */
  public void hijack(String contentType, Duplex.Session session) throws IOException {
    if (!bodyClock.ended()) {
      try (InputStream rest = body()) {
        BodyReader.skip(rest);
      }
    }
    boolean upgrade = request.getHeaders().contains(HttpHeader.UPGRADE);
    begin(upgrade ? 101 : 200);
    HttpFields.Mutable headers = response.getHeaders();
    headers.put(HttpHeader.CONTENT_TYPE, contentType);
    if (upgrade) {
      headers.put(HttpHeader.CONNECTION, "Upgrade");
      headers.put(HttpHeader.UPGRADE, "tcp");
    } else {
      headers.put(HttpHeader.CONNECTION, "close");
    }
    request.setAttribute(
        HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, new HijackedConnection(endPoint, session));
    write(false, ByteBuffer.allocate(0));
  }

  private boolean hasBody() {
    return request.getLength() > 0 || request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING);
  }

  private void begin(int status) {
    if (answered) {
      throw new IllegalStateException("answered twice: " + method() + " " + request.getHttpURI());
    }
    answered = true;
    response.setStatus(status);
  }

  /** Unlike the reader of a log, one of an answer that is there may not stop reading. */
  private void writeInTime(boolean last, ByteBuffer buffer) throws IOException {
    endPoint.setIdleTimeout(idleMs);
    try {
      write(last, buffer);
    } finally {
      endPoint.setIdleTimeout(0);
    }
  }

  private void write(boolean last, ByteBuffer buffer) throws IOException {
    try (Blocker.Callback callback = Blocker.callback()) {
      response.write(last, buffer, callback);
      callback.block();
    }
  }

  /** Whether an answer was begun, so that an error can no longer be sent. */
  public boolean answered() {
    return answered;
  }

  // ---- the listener's side

  /** Ends what the route began; the route has returned. */
  void finish() throws IOException {
    if (!answered) {
      empty(200);
    }
    stopWatching();
    if (stream != null) {
      stream.close();
    }
  }

  /**
   * Takes what the client still sends of a request that is answered, within bounds: many send all
   * before they look for an answer, and find a broken pipe instead of it if nobody reads.
   */
  void drain() throws IOException {
    if (!bodyClock.ended() && hasBody()) {
      BodyReader.drain(body());
    }
  }

  /** Gives back what the request has taken; the route has returned or failed. */
  void release() {
    bodyMemory.close();
    answerMemory.close();
  }

  /** Leaves the end point to Jetty again. */
  void stopWatching() {
    if (watch != null) {
      watch.stop();
    }
  }
}
