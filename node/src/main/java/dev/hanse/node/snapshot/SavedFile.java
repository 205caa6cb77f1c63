package dev.hanse.node.snapshot;

import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.lab.client.DockerClient;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** A new snapshot on disk: there whole, for its owner's eyes only, or not at all. */
final class SavedFile {
  private SavedFile() {}

  /** Encrypts what the daemon sends into the file, and returns the header. */
  static Header write(Path file, Header header, Secret secret, DockerClient.Download download)
      throws IOException {
    Path target = file.toAbsolutePath();
    Path part = target.resolveSibling(target.getFileName() + ".part");
    KeyDerivation.Keys keys = header.derivation().derive(secret);
    Files.deleteIfExists(part);
    try {
      try (FileChannel channel =
          OwnFiles.open(
              part, OwnFiles.OWNER_FILE, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel));
        try (SnapshotWriter writer = new SnapshotWriter(out, header, keys)) {
          download.body().transferTo(writer);
        }
        out.flush();
        channel.force(true);
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      OwnFiles.syncDirectoryOf(target);
    } catch (IOException | RuntimeException fault) {
      Files.deleteIfExists(part);
      throw fault;
    }
    return header;
  }
}
