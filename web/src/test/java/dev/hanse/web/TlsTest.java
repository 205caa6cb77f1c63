package dev.hanse.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TCP with mutual TLS: who has a certificate of the authority comes in, nobody else. */
@Timeout(60)
final class TlsTest {
  @TempDir Path directory;

  private record Issued(KeyPair key, X509Certificate certificate) {}

  private static Issued issue(String name, @Nullable Issued authority) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair key = generator.generateKeyPair();
    Instant now = Instant.now();
    X500Name subject = new X500Name("CN=" + name);
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            authority == null
                ? subject
                : new X500Name(authority.certificate().getSubjectX500Principal().getName()),
            BigInteger.valueOf(now.toEpochMilli()),
            Date.from(now.minus(Duration.ofHours(1))),
            Date.from(now.plus(Duration.ofHours(1))),
            subject,
            key.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority == null));
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(
            new GeneralName[] {
              new GeneralName(GeneralName.dNSName, "localhost"),
              new GeneralName(GeneralName.iPAddress, "127.0.0.1")
            }));
    KeyPair signer = authority == null ? key : authority.key();
    return new Issued(
        key,
        new JcaX509CertificateConverter()
            .getCertificate(
                builder.build(
                    new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate()))));
  }

  private Path pem(String name, Object content) throws IOException {
    Path file = directory.resolve(name);
    try (JcaPEMWriter writer = new JcaPEMWriter(Files.newBufferedWriter(file))) {
      writer.writeObject(content);
    }
    return file;
  }

  private static HttpClient client(Issued authority, Issued own)
      throws GeneralSecurityException, IOException {
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, null);
    trust.setCertificateEntry("ca", authority.certificate());
    TrustManagerFactory trusted = TrustManagerFactory.getInstance("PKIX");
    trusted.init(trust);
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "me", own.key().getPrivate(), new char[0], new Certificate[] {own.certificate()});
    keys.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trusted.getTrustManagers(), null);
    return HttpClient.newBuilder().sslContext(context).version(HttpClient.Version.HTTP_1_1).build();
  }

  @Test
  void onlyTheAuthoritysClientsComeIn() throws Exception {
    Issued authority = issue("ca", null);
    Issued server = issue("server", authority);
    Issued stranger = issue("other-ca", null);
    Path ca = pem("ca.pem", authority.certificate());
    Path certificate = pem("cert.pem", server.certificate());
    Path key = pem("key.pem", new JcaPKCS8Generator(server.key().getPrivate(), null));
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Router router = new Router().get("/_ping", exchange -> exchange.text(200, "OK"));
    try (HttpListener listener =
        HttpListener.start(
            List.of(new HttpListener.Endpoint.MutualTls(address, ca, certificate, key)),
            router,
            new TestDialect())) {
      URI uri = URI.create("https://127.0.0.1:" + listener.tcpPort().orElseThrow() + "/_ping");
      HttpRequest ping = HttpRequest.newBuilder(uri).build();
      HttpClient known = client(authority, issue("client", authority));
      assertThat(known.send(ping, HttpResponse.BodyHandlers.ofString()).body()).isEqualTo("OK");
      HttpClient unknown = client(authority, issue("client", stranger));
      assertThatThrownBy(() -> unknown.send(ping, HttpResponse.BodyHandlers.ofString()))
          .isInstanceOf(IOException.class);
    }
  }

  /** Any number of them: they compete with each other, and their oldest goes. */
  @Test
  @Tag("attack")
  void whoShowsNoCertificateKeepsNobodyOut() throws Exception {
    Issued authority = issue("ca", null);
    Issued server = issue("server", authority);
    Path ca = pem("ca.pem", authority.certificate());
    Path certificate = pem("cert.pem", server.certificate());
    Path key = pem("key.pem", new JcaPKCS8Generator(server.key().getPrivate(), null));
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Router router = new Router().get("/_ping", exchange -> exchange.text(200, "OK"));
    List<Socket> idle = new ArrayList<>();
    try (HttpListener listener =
        HttpListener.start(
            List.of(new HttpListener.Endpoint.MutualTls(address, ca, certificate, key)),
            router,
            new TestDialect())) {
      int port = listener.tcpPort().orElseThrow();
      byte[] halfHello = {22, 3, 1, 1, 0, 1, 0, 0, (byte) 0xfc, 3, 3};
      for (int i = 0; i < 6 * HandshakePlaces.HANDSHAKES_MAX; i++) {
        Socket socket = new Socket();
        idle.add(socket);
        socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0." + (1 + i % 5)), 0));
        socket.connect(new InetSocketAddress(address.getAddress(), port), 20_000);
        if (i % 8 == 0) {
          say(socket, halfHello);
        }
      }
      HttpRequest ping =
          HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + "/_ping"))
              .timeout(Duration.ofSeconds(20))
              .build();
      for (int i = 0; i < 5; i++) {
        try (HttpClient known = client(authority, issue("client", authority))) {
          assertThat(known.send(ping, HttpResponse.BodyHandlers.ofString()).body()).isEqualTo("OK");
        }
      }
      Socket first = idle.getFirst();
      first.setSoTimeout(20_000);
      assertThat(hasEnded(first)).isTrue();
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
  }

  private static void say(Socket socket, byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException cut) {
      assertThat(cut).isNotInstanceOf(SocketTimeoutException.class);
    }
  }

  private static boolean hasEnded(Socket socket) {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException open) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  @Test
  void aMissingKeyIsNamed() throws Exception {
    Issued authority = issue("ca", null);
    Path ca = pem("ca.pem", authority.certificate());
    Path empty = Files.writeString(directory.resolve("empty.pem"), "");
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    assertThatThrownBy(
            () ->
                HttpListener.start(
                    List.of(new HttpListener.Endpoint.MutualTls(address, ca, ca, empty)),
                    new Router(),
                    new TestDialect()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("empty.pem holds no private key");
  }
}
