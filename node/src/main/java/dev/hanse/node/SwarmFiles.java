package dev.hanse.node;

import dev.hanse.identity.CertificateDirectory;
import dev.hanse.kernel.file.OwnFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a node keeps on disk of its part in a swarm. */
final class SwarmFiles {
  private static final Logger LOG = LoggerFactory.getLogger(SwarmFiles.class);

  private final Path directory;
  private final CertificateDirectory certificates;

  SwarmFiles(Path directory) {
    this.directory = directory;
    this.certificates = new CertificateDirectory(certificateDirectory());
  }

  void create() throws IOException {
    OwnFiles.directory(directory);
  }

  Path certificateDirectory() {
    return directory.resolve("certificates");
  }

  CertificateDirectory certificates() {
    return certificates;
  }

  /** The manager's log. */
  Path log() {
    return directory.resolve("raft");
  }

  boolean hasLog() {
    return Files.exists(log());
  }

  Optional<SwarmState> load() throws IOException {
    return SwarmState.load(directory);
  }

  void save(SwarmState state) throws IOException {
    state.save(directory);
  }

  /** The membership first: without it the rest means nothing. */
  void erase() throws IOException {
    SwarmState.delete(directory);
    certificates.delete();
    eraseLog();
  }

  void eraseLog() throws IOException {
    Directories.deleteTree(log());
  }

  void eraseQuietly() {
    try {
      erase();
    } catch (IOException fault) {
      LOG.warn("cleaning up after a failed start of the membership", fault);
    }
  }
}
