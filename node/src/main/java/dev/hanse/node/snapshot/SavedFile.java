package dev.hanse.node.snapshot;

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
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

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
          FileChannel.open(
              part,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel));
        try (SnapshotWriter writer = new SnapshotWriter(out, header, keys)) {
          download.body().transferTo(writer);
        }
        out.flush();
        channel.force(true);
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel directory = FileChannel.open(target.getParent())) {
        directory.force(true);
      }
    } catch (IOException | RuntimeException fault) {
      Files.deleteIfExists(part);
      throw fault;
    }
    return header;
  }
}
