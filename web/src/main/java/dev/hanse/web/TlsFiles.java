package dev.hanse.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * TLS from the PEM files of Docker's {@code --tlscacert}, {@code --tlscert} and {@code --tlskey}.
 */
final class TlsFiles {
  private TlsFiles() {}

  /**
   * Server credentials that demand a client certificate signed by the authority.
   *
   * @throws IOException with the file's name if one cannot be read or is not what it should be
   */
  static SslContextFactory.Server mutual(Path caFile, Path certificateFile, Path keyFile)
      throws IOException {
    char[] password = new char[0];
    try {
      KeyStore trust = emptyStore();
      int index = 0;
      for (Certificate authority : certificates(caFile)) {
        trust.setCertificateEntry("ca" + index++, authority);
      }
      KeyStore keys = emptyStore();
      keys.setKeyEntry(
          "server",
          privateKey(keyFile),
          password,
          certificates(certificateFile).toArray(Certificate[]::new));
      SslContextFactory.Server factory = new SslContextFactory.Server();
      factory.setTrustStore(trust);
      factory.setKeyStore(keys);
      factory.setKeyStorePassword("");
      factory.setNeedClientAuth(true);
      factory.setSniRequired(false);
      factory.setRenegotiationAllowed(false);
      factory.setIncludeProtocols("TLSv1.2", "TLSv1.3");
      return factory;
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "TLS from " + caFile + ", " + certificateFile + " and " + keyFile + ": " + e, e);
    }
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static Collection<? extends Certificate> certificates(Path file)
      throws GeneralSecurityException, IOException {
    try (InputStream in = Files.newInputStream(file)) {
      Collection<? extends Certificate> all =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (all.isEmpty()) {
        throw new IOException(file + " holds no certificate");
      }
      return all;
    }
  }

  private static PrivateKey privateKey(Path file) throws IOException {
    try (Reader reader = Files.newBufferedReader(file);
        PEMParser parser = new PEMParser(reader)) {
      JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
      return switch (parser.readObject()) {
        case PEMKeyPair pair -> converter.getPrivateKey(pair.getPrivateKeyInfo());
        case PrivateKeyInfo info -> converter.getPrivateKey(info);
        case null, default -> throw new IOException(file + " holds no private key in the clear");
      };
    }
  }
}
