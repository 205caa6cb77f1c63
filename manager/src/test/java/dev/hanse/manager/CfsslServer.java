package dev.hanse.manager;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.identity.certificate.CertificateRequest;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.identity.certificate.Role;
import dev.hanse.identity.certificate.SigningAuthority;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;

/** Signs as CFSSL does, with a cluster's root, for callers that show a certificate of it. */
final class CfsslServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  final AtomicInteger signed = new AtomicInteger();

  /**
   * What is done to each request before it is signed: to sign something else than was asked for.
   */
  volatile UnaryOperator<JsonNode> bend = request -> request;

  private final SigningAuthority authority;
  private final String organization;
  private final InstantSource clock;
  private final HttpsServer server;

  CfsslServer(SigningAuthority authority, String organization, Path directory, InstantSource clock)
      throws Exception {
    this.authority = authority;
    this.organization = organization;
    this.clock = clock;
    CertificateRequest request = CertificateRequest.create();
    byte[] pem = sign(request.pem().toByteArray(), "localhost", Role.WORKER);
    NodeIdentity identity = NodeIdentity.of(pem, request.key(), authority.root(), clock.instant());
    SSLContext tls =
        new TlsCredentials(identity, new CertificateDirectory(directory), InstantSource.system())
            .outward(List.of(authority.root()));
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(
        new HttpsConfigurator(tls) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters wanted = tls.getDefaultSSLParameters();
            wanted.setNeedClientAuth(true);
            parameters.setSSLParameters(wanted);
          }
        });
    server.createContext("/api/v1/cfssl/sign", this::serve);
    server.start();
  }

  String url() {
    return "https://localhost:" + server.getAddress().getPort() + "/api/v1/cfssl/sign";
  }

  private void serve(HttpExchange exchange) throws IOException {
    ObjectNode answer = JSON.createObjectNode();
    try {
      JsonNode request = bend.apply(JSON.readTree(exchange.getRequestBody().readAllBytes()));
      answer.putObject("result").put("certificate", certificate(request));
      answer.put("success", true);
      signed.incrementAndGet();
    } catch (Exception refusal) {
      answer.put("success", false);
      answer.putArray("errors").addObject().put("message", String.valueOf(refusal.getMessage()));
    }
    byte[] bytes = answer.toString().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private String certificate(JsonNode request) throws Exception {
    String csr = request.path("certificate_request").asText();
    if (request.path("profile").asText().equals("CA")) {
      return crossSigned(csr);
    }
    JsonNode names = request.path("subject").path("names").path(0);
    if (!names.path("O").asText().equals(organization)) {
      throw new IOException("not our organization");
    }
    Role role = Role.ofOrganizationalUnit(names.path("OU").asText()).orElseThrow();
    byte[] pem =
        sign(
            csr.getBytes(StandardCharsets.US_ASCII),
            request.path("subject").path("CN").asText(),
            role);
    return new String(pem, StandardCharsets.US_ASCII);
  }

  private byte[] sign(byte[] csr, String name, Role role) throws Exception {
    return authority.sign(csr, name, role, organization, Duration.ofHours(2), clock.instant());
  }

  private String crossSigned(String csr) throws Exception {
    try (PEMParser requests = new PEMParser(new StringReader(csr));
        PEMParser keys =
            new PEMParser(
                new StringReader(new String(authority.keyPem(), StandardCharsets.US_ASCII)))) {
      var request = (PKCS10CertificationRequest) requests.readObject();
      PrivateKey key = new JcaPEMKeyConverter().getPrivateKey((PrivateKeyInfo) keys.readObject());
      X509Certificate own = authority.root().certificates().getFirst();
      X509v3CertificateBuilder builder =
          new X509v3CertificateBuilder(
              X500Name.getInstance(own.getSubjectX500Principal().getEncoded()),
              new BigInteger(100, new SecureRandom()),
              Date.from(Instant.now().minusSeconds(60)),
              Date.from(Instant.now().plus(Duration.ofDays(800))),
              request.getSubject(),
              request.getSubjectPublicKeyInfo());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
      byte[] der =
          builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)).getEncoded();
      return "-----BEGIN CERTIFICATE-----\n"
          + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
          + "\n-----END CERTIFICATE-----\n";
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
