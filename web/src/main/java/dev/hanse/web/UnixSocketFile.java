package dev.hanse.web;

import dev.hanse.kernel.file.OwnFiles;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The file of a unix socket: cleared of what a dead daemon left, then given to a group. */
final class UnixSocketFile {
  /** Kernel limit of a socket's path. */
  static final int PATH_BYTES_MAX = 107;

  private static final Logger LOG = LoggerFactory.getLogger(UnixSocketFile.class);

  private final Path path;
  private final String group;

  UnixSocketFile(Path path, String group) {
    this.path = path;
    this.group = group;
  }

  /**
   * Makes the directory, and removes a socket on which nobody listens.
   *
   * @throws IOException if somebody listens, or the path is no socket, or too long
   */
  void prepare() throws IOException {
    if (path.toString().length() > PATH_BYTES_MAX) {
      throw new FileSystemException(path.toString(), null, "longer than " + PATH_BYTES_MAX);
    }
    Path parent = path.toAbsolutePath().getParent();
    if (parent != null) {
      createDirectory(parent);
    }
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .isOther()) {
      throw new FileSystemException(path.toString(), null, "exists and is not a socket");
    }
    if (someoneListens()) {
      throw new FileSystemException(
          path.toString(), null, "already in use: another daemon listens on this socket");
    }
    LOG.info("removing the stale socket {}", path);
    Files.delete(path);
  }

  /** Anybody may go through to the socket, whose own mode says who may connect. */
  private static void createDirectory(Path parent) throws IOException {
    // One that exists is not ours, or was made with its mode before.
    if (!Files.isDirectory(parent)) {
      OwnFiles.directory(parent, OwnFiles.PASSAGE);
    }
  }

  private boolean someoneListens() {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(path));
    } catch (IOException e) {
      LOG.debug("nobody listens on {}", path, e);
      return false;
    }
  }

  /** Mode 0660 and its group. Until then the umask keeps others from writing, so connecting. */
  void restrict() throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
    try {
      GroupPrincipal owner =
          path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group);
      view.setGroup(owner);
    } catch (UserPrincipalNotFoundException e) {
      LOG.debug("no group {}: {} stays with the daemon's own group", group, path, e);
    }
    view.setPermissions(PosixFilePermissions.fromString("rw-rw----"));
  }
}
