package dev.hanse.node.membership;

import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.kernel.file.DurableFile;
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

  /**
   * There while a membership is begun or given up: then certificates and a log without {@code
   * swarm-state.json} mean nothing. Without it that file was lost, and they are all that is left.
   */
  private static final String UNFINISHED = "unfinished";

  private final Path directory;
  private final CertificateDirectory certificates;

  SwarmFiles(Path directory) {
    this.directory = directory;
    this.certificates = new CertificateDirectory(certificateDirectory());
  }

  void create() throws IOException {
    OwnFiles.directory(directory);
  }

  /** A membership begins; it is one when its state is saved. */
  void begin() throws IOException {
    create();
    DurableFile.replace(directory.resolve(UNFINISHED), "");
  }

  /**
   * Clears away what a membership left that was not begun or not given up to the end.
   *
   * @throws IOException if there are parts of one whose state is missing; they stay
   */
  void clear() throws IOException {
    if (Files.exists(directory.resolve(UNFINISHED))) {
      erase();
    } else if (hasLog() || certificates.isPresent()) {
      throw new IOException(
          ("%s is missing, and there is %s of a swarm in %s. Put a copy of the file back, or move the"
                  + " directory away and join the swarm anew")
              .formatted(
                  SwarmState.file(directory), hasLog() ? "a log" : "a certificate", directory));
    }
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
    DurableFile.delete(directory.resolve(UNFINISHED));
  }

  /** The membership first: without it the rest means nothing. */
  void erase() throws IOException {
    begin();
    SwarmState.delete(directory);
    certificates.delete();
    eraseLog();
    DurableFile.delete(directory.resolve(UNFINISHED));
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
