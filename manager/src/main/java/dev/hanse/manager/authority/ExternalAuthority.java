package dev.hanse.manager.authority;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.bounds.BoundedJson;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * An authority outside of the swarm that has the root's key and signs on request: CFSSL's {@code
 * /api/v1/cfssl/sign} (its {@code doc/api/endpoint_sign.txt}). The manager shows its own
 * certificate and demands one of the cluster's root with the right host name.
 */
final class ExternalAuthority {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /** Far more than any chain; what is longer comes from something else. */
  static final int ANSWER_BYTES_MAX = 256 * 1024;

  private static final String CROSS_SIGNING_PROFILE = "CA";

  /** OID of basic constraints, which CFSSL takes from the call and not from the request. */
  private static final String BASIC_CONSTRAINTS = "2.5.29.19";

  private final List<String> urls;
  private final SSLContext tls;
  private final ObjectMapper json = BoundedJson.mapper();

  /** Asks these, one after the other until one has signed. */
  ExternalAuthority(List<String> urls, SSLContext tls) {
    this.urls = List.copyOf(urls);
    this.tls = tls;
  }

  /** It could not be asked, or not now; the message says why. */
  static final class Unreachable extends Exception {
    Unreachable(String message) {
      super(message);
    }

    Unreachable(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** It was asked and said no. */
  static final class Declined extends Exception {
    Declined(String message) {
      super(message);
    }
  }

  /**
   * A certificate for a node.
   *
   * @param requestPem the node's request
   * @param names the DNS names
   * @return the certificate as text, unchecked
   */
  byte[] sign(
      byte[] requestPem, String nodeId, String unit, String organization, List<String> names)
      throws Unreachable, Declined, InterruptedException {
    ObjectNode call = json.createObjectNode();
    ArrayNode hosts = call.putArray("hosts");
    names.forEach(hosts::add);
    call.put("certificate_request", new String(requestPem, StandardCharsets.US_ASCII));
    ObjectNode subject = call.putObject("subject");
    subject.put("CN", nodeId);
    subject.putArray("names").addObject().put("OU", unit).put("O", organization);
    return first(call);
  }

  /**
   * A certificate for a root's key, signed by the authority's own root.
   *
   * @param requestPem the other root's request
   * @param commonName of the other root
   * @param basicConstraints DER, in hexadecimal, of the other root's extension
   */
  byte[] crossSign(byte[] requestPem, String commonName, String basicConstraints)
      throws Unreachable, Declined, InterruptedException {
    ObjectNode call = json.createObjectNode();
    call.put("certificate_request", new String(requestPem, StandardCharsets.US_ASCII));
    call.putObject("subject").put("CN", commonName).putArray("names");
    call.put("profile", CROSS_SIGNING_PROFILE);
    call.putArray("extensions")
        .addObject()
        .put("id", BASIC_CONSTRAINTS)
        .put("critical", true)
        .put("value", basicConstraints);
    return first(call);
  }

  private byte[] first(ObjectNode call) throws Unreachable, Declined, InterruptedException {
    Unreachable last = new Unreachable("no external CA URLs");
    try (HttpClient client =
        HttpClient.newBuilder().sslContext(tls).connectTimeout(TIMEOUT).build()) {
      for (String url : urls) {
        try {
          return certificate(send(client, url, call));
        } catch (IOException | IllegalArgumentException e) {
          last =
              new Unreachable(
                  "unable to perform certificate signing request at " + url + ": " + reason(e), e);
        }
      }
    }
    throw last;
  }

  private JsonNode send(HttpClient client, String url, ObjectNode call)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(TIMEOUT)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(call.toString()))
            .build();
    HttpResponse<byte[]> response =
        client.send(
            request,
            HttpResponse.BodyHandlers.limiting(
                HttpResponse.BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX));
    JsonNode answer = BoundedJson.read(response.body());
    if (response.statusCode() != 200 && !answer.has("success")) {
      throw new IOException("unexpected status code in CSR response: " + response.statusCode());
    }
    return answer;
  }

  private static byte[] certificate(JsonNode answer) throws Declined, IOException {
    if (!answer.path("success").asBoolean()) {
      String errors = answer.path("errors").toString();
      throw new Declined(
          errors.isEmpty() || errors.equals("[]")
              ? "certificate signing request failed"
              : "response errors: " + errors);
    }
    String certificate = answer.path("result").path("certificate").asText();
    if (certificate.isEmpty()) {
      throw new IOException("the answer holds no certificate");
    }
    return certificate.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Does one of them accept a connection, and is it the right one? Nothing is signed.
   *
   * @throws Unreachable with the last reason
   */
  void requireReachable() throws Unreachable {
    Unreachable last = new Unreachable("no external CA URLs");
    for (String url : urls) {
      try {
        handshake(URI.create(url));
        return;
      } catch (IOException | IllegalArgumentException e) {
        last = new Unreachable("external CA " + url + ": " + reason(e), e);
      }
    }
    throw last;
  }

  private void handshake(URI url) throws IOException {
    if (!"https".equals(url.getScheme()) || url.getHost() == null) {
      throw new IOException("invalid HTTP scheme");
    }
    int port = url.getPort() < 0 ? 443 : url.getPort();
    try (SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket()) {
      socket.connect(
          new InetSocketAddress(url.getHost(), port), Math.toIntExact(TIMEOUT.toMillis()));
      socket.setSoTimeout(Math.toIntExact(TIMEOUT.toMillis()));
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
      socket.startHandshake();
    }
  }

  private static String reason(Throwable failure) {
    Throwable cause = failure;
    while (cause.getMessage() == null && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }
}
