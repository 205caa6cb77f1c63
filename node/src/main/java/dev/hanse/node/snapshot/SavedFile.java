package dev.hanse.node.snapshot;

import dev.hanse.kernel.file.DurableFile;
import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.lab.client.DockerClient;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;

/** A new snapshot on disk: there whole, for its owner's eyes only, or not at all. */
final class SavedFile {
  private SavedFile() {}

  /** Encrypts what the daemon sends into the file, and returns the header. */
  static Header write(Path file, Header header, Secret secret, DockerClient.Download download)
      throws IOException {
    Path target = file.toAbsolutePath();
    KeyDerivation.Keys keys = header.derivation().derive(secret);
    DurableFile.replace(
        target,
        OwnFiles.OWNER_FILE,
        channel -> {
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel));
          try (SnapshotWriter writer = new SnapshotWriter(out, header, keys)) {
            download.body().transferTo(writer);
          }
          out.flush();
        });
    return header;
  }
}
