package dev.hanse.identity;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * The node's keys and certificates on disk: {@code swarm-root-ca.crt}, {@code swarm-node.crt},
 * {@code swarm-node.key}, as Docker names them. Files are replaced whole and are on disk before a
 * method returns; keys are readable by their owner only.
 *
 * <p>Key and certificate are two files, so a crash between the two replacements leaves a new key
 * beside the old certificate. Each new key is therefore first written as {@code swarm-node.key.new}
 * and {@link #load} takes the one that fits the certificate.
 */
public final class CertificateDirectory {
  private final Path directory;

  /** The directory need not exist yet. */
  public CertificateDirectory(Path directory) {
    this.directory = directory;
  }

  /** The saved root, empty if there is none. */
  public Optional<RootCa> root() throws IOException, IdentityException {
    Path file = rootFile();
    return Files.exists(file) ? Optional.of(RootCa.of(Files.readAllBytes(file))) : Optional.empty();
  }

  /** Replaces the saved root. */
  public void saveRoot(RootCa root) throws IOException {
    replace(rootFile(), root.pem(), "rw-r--r--");
  }

  /**
   * The saved identity, empty if there is none.
   *
   * @throws IdentityException if there is one which cannot be used; EXPIRED tells both times
   */
  public Optional<NodeIdentity> load(Instant now) throws IOException, IdentityException {
    Optional<RootCa> root = root();
    if (root.isEmpty() || !Files.exists(certificateFile())) {
      return Optional.empty();
    }
    byte[] certificate = Files.readAllBytes(certificateFile());
    if (Files.exists(newKeyFile())) {
      var key = Pem.privateKey(Files.readAllBytes(newKeyFile()));
      if (Certificates.belongTogether(Pem.certificates(certificate).getFirst(), key)) {
        return Optional.of(NodeIdentity.of(certificate, key, root.get(), now));
      }
    }
    if (!Files.exists(keyFile())) {
      return Optional.empty();
    }
    var key = Pem.privateKey(Files.readAllBytes(keyFile()));
    return Optional.of(NodeIdentity.of(certificate, key, root.get(), now));
  }

  /** Replaces root, key and certificate. */
  public void save(NodeIdentity identity) throws IOException {
    byte[] key = Pem.encode(identity.key());
    saveRoot(identity.root());
    replace(newKeyFile(), key, "rw-------");
    replace(certificateFile(), identity.certificatePem(), "rw-r--r--");
    replace(keyFile(), key, "rw-------");
    Files.deleteIfExists(newKeyFile());
  }

  /** Forgets everything: the node has left its swarm. */
  public void delete() throws IOException {
    for (Path file : new Path[] {certificateFile(), keyFile(), newKeyFile(), rootFile()}) {
      Files.deleteIfExists(file);
    }
    if (Files.isDirectory(directory)) {
      sync(directory);
    }
  }

  private Path rootFile() {
    return directory.resolve("swarm-root-ca.crt");
  }

  private Path certificateFile() {
    return directory.resolve("swarm-node.crt");
  }

  private Path keyFile() {
    return directory.resolve("swarm-node.key");
  }

  private Path newKeyFile() {
    return directory.resolve("swarm-node.key.new");
  }

  private void replace(Path file, byte[] bytes, String permissions) throws IOException {
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    Files.deleteIfExists(temporary);
    var attribute =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    try (var channel = FileChannel.open(temporary, Set.of(CREATE_NEW, WRITE), attribute)) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
    Files.move(temporary, file, ATOMIC_MOVE);
    sync(directory);
  }

  private static void sync(Path directory) throws IOException {
    try (var channel = FileChannel.open(directory, READ)) {
      channel.force(true);
    }
  }
}
