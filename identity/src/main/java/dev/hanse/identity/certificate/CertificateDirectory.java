package dev.hanse.identity.certificate;

import dev.hanse.bounds.BoundedFile;
import dev.hanse.kernel.file.DurableFile;
import dev.hanse.kernel.file.OwnFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
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
 *
 * <p>On a manager of a locked swarm the key is written under the unlock key, see {@link #relock};
 * this object remembers the lock, so that a renewed key is locked like the one before.
 */
public final class CertificateDirectory {
  /** What certificates are; the directory keeps others out all the same. */
  private static final int PUBLIC = 0644;

  /** Certificates and keys take some kilobytes. */
  private static final int FILE_BYTES_MAX = 1 << 20;

  private final Path directory;
  private final SecureRandom random = new SecureRandom();

  /** How the key is written; two while the lock is being changed. */
  private List<Optional<UnlockKey>> locks = List.of(Optional.empty());

  /** What has to follow the first half of a change of the lock. */
  @FunctionalInterface
  public interface Following {
    /** Does it; whatever it throws leaves the key under both locks. */
    void run() throws IOException;
  }

  /** The directory need not exist yet. */
  public CertificateDirectory(Path directory) {
    this.directory = directory;
  }

  /** The saved root, empty if there is none. */
  public Optional<RootCa> root() throws IOException, IdentityException {
    Path file = rootFile();
    return Files.exists(file)
        ? Optional.of(RootCa.of(BoundedFile.bytes(file, FILE_BYTES_MAX)))
        : Optional.empty();
  }

  /** Replaces the saved root. */
  public void saveRoot(RootCa root) throws IOException {
    replace(rootFile(), root.pem(), PUBLIC);
  }

  /**
   * The saved identity, empty if there is none.
   *
   * @throws IdentityException if there is one which cannot be used; EXPIRED tells both times,
   *     LOCKED that it takes an unlock key
   */
  public Optional<NodeIdentity> load(Instant now) throws IOException, IdentityException {
    return load(now, Optional.empty());
  }

  /**
   * Like {@link #load(Instant)}, with the key of a locked swarm; an open key is read all the same.
   *
   * @throws IdentityException likewise; LOCKED if the unlock key is not the right one
   */
  public synchronized Optional<NodeIdentity> load(Instant now, Optional<UnlockKey> unlockKey)
      throws IOException, IdentityException {
    Optional<Saved> saved = saved(unlockKey);
    return saved.isEmpty() ? Optional.empty() : Optional.of(saved.get().identity(now));
  }

  /**
   * The saved identity though its certificate's life is over, as it was in its last moment; good
   * for nothing but asking for a new one.
   *
   * @throws IdentityException if it is unusable otherwise
   */
  public synchronized Optional<NodeIdentity> loadExpired(Optional<UnlockKey> unlockKey)
      throws IOException, IdentityException {
    Optional<Saved> saved = saved(unlockKey);
    return saved.isEmpty()
        ? Optional.empty()
        : Optional.of(saved.get().identity(saved.get().end()));
  }

  private record Saved(List<X509Certificate> chain, PrivateKey key, RootCa root) {
    NodeIdentity identity(Instant now) throws IdentityException {
      return NodeIdentity.of(Certificates.pem(chain), key, root, now);
    }

    Instant end() {
      return chain.getFirst().getNotAfter().toInstant();
    }
  }

  private Optional<Saved> saved(Optional<UnlockKey> unlockKey)
      throws IOException, IdentityException {
    Optional<RootCa> root = root();
    if (root.isEmpty() || !Files.exists(certificateFile())) {
      return Optional.empty();
    }
    List<X509Certificate> chain =
        Pem.certificates(BoundedFile.bytes(certificateFile(), FILE_BYTES_MAX));
    for (Path file : List.of(newKeyFile(), keyFile())) {
      if (Files.exists(file)) {
        KeyFile.Opened opened = KeyFile.decode(BoundedFile.bytes(file, FILE_BYTES_MAX), unlockKey);
        if (file.equals(keyFile()) || Certificates.belongTogether(chain.getFirst(), opened.key())) {
          locks = opened.locks();
          return Optional.of(new Saved(chain, opened.key(), root.get()));
        }
      }
    }
    return Optional.empty();
  }

  /** Replaces root, key and certificate. */
  public synchronized void save(NodeIdentity identity) throws IOException {
    byte[] key = KeyFile.encode(identity.key(), locks, random);
    saveRoot(identity.root());
    replace(newKeyFile(), key, OwnFiles.OWNER_FILE);
    replace(certificateFile(), identity.certificatePem(), PUBLIC);
    replace(keyFile(), key, OwnFiles.OWNER_FILE);
    Files.deleteIfExists(newKeyFile());
  }

  /**
   * Writes the key under another lock: first under the old and the new one, then, when what has to
   * follow has followed, under the new one only. May be repeated after a failure or a crash.
   *
   * @param identity what is saved here
   * @param lock empty to leave the key open, as it is on workers
   * @param following what else is locked with the same key
   */
  public synchronized void relock(
      NodeIdentity identity, Optional<UnlockKey> lock, Following following) throws IOException {
    if (!locks.equals(List.of(lock))) {
      Set<Optional<UnlockKey>> both = new LinkedHashSet<>(locks);
      both.add(lock);
      locks = List.copyOf(both);
      save(identity);
    }
    following.run();
    if (!locks.equals(List.of(lock))) {
      locks = List.of(lock);
      save(identity);
    }
  }

  /** Whether there is any part of an identity. */
  public synchronized boolean isPresent() {
    return Files.exists(certificateFile()) || Files.exists(keyFile());
  }

  /** Forgets everything: the node has left its swarm. */
  public synchronized void delete() throws IOException {
    locks = List.of(Optional.empty());
    for (Path file : new Path[] {certificateFile(), keyFile(), newKeyFile(), rootFile()}) {
      DurableFile.delete(file);
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

  private void replace(Path file, byte[] bytes, int mode) throws IOException {
    OwnFiles.directory(directory);
    DurableFile.replace(file, mode, bytes);
  }
}
