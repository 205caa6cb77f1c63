package dev.hanse.identity.server;

import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.identity.certificate.CertificateRequest;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.identity.certificate.Role;
import dev.hanse.identity.certificate.SigningAuthority;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Nodes of a cluster that is called "o" and has removed nobody, and methods that carry bytes. */
final class TestPeers {
  static final AccessControl.Membership MEMBERSHIP =
      new AccessControl.Membership() {
        @Override
        public String organization() {
          return "o";
        }

        @Override
        public boolean removed(String nodeId) {
          return false;
        }
      };

  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  private TestPeers() {}

  static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
    return MethodDescriptor.newBuilder(BYTES, BYTES).setType(type).setFullMethodName(name).build();
  }

  /** What a node shows whose certificate the authority has just signed. */
  static TlsCredentials credentials(
      SigningAuthority authority, String nodeId, Role role, Path directory)
      throws IdentityException {
    Instant now = Instant.now();
    CertificateRequest request = CertificateRequest.create();
    byte[] pem =
        authority.sign(request.pem().toByteArray(), nodeId, role, "o", Duration.ofHours(2), now);
    return new TlsCredentials(
        NodeIdentity.of(pem, request.key(), authority.root(), now),
        new CertificateDirectory(directory),
        InstantSource.system());
  }
}
