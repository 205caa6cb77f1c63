package dev.hanse.identity;

import dev.hanse.identity.certificate.CertificateRequest;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.JoinToken;
import dev.hanse.identity.certificate.Pem;
import dev.hanse.text.Trial;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** The decoders of keys, certificates and tokens survive whatever they are given. */
@Tag("attack")
class TextGarbageTest {
  private static final List<Trial.Decoder> DECODERS =
      List.of(
          Trial.refusing(
              IdentityException.class,
              "certificates",
              text -> Pem.certificates(text.getBytes(StandardCharsets.UTF_8)),
              "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"),
          Trial.refusing(
              IdentityException.class,
              "private key",
              text -> Pem.privateKey(text.getBytes(StandardCharsets.UTF_8)),
              "-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----\n",
              "-----BEGIN PRIVATE KEY-----\nMHcC\n-----END PRIVATE KEY-----\n"),
          Trial.refusing(
              IdentityException.class,
              "certificate request",
              text -> CertificateRequest.requestedKey(text.getBytes(StandardCharsets.UTF_8)),
              "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n"),
          Trial.refusing(
              IdentityException.class,
              "join token",
              JoinToken::parse,
              "SWMTKN-1-"
                  + "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcd"
                  + "-0123456789abcdefghijklmno"));

  @TestFactory
  Stream<DynamicTest> garbage_is_read_or_refused_in_linear_time() {
    return Trial.each(DECODERS);
  }
}
