package dev.hanse.agent.mount;

import dev.hanse.agent.volume.LocalVolume;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.file.DirectoryHandle;
import dev.hanse.kernel.file.EntryName;
import dev.hanse.kernel.file.FileStatus;
import dev.hanse.kernel.file.FileTree;
import dev.hanse.kernel.file.Links;
import dev.hanse.kernel.file.Mounts;
import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.kernel.file.PinnedHandle;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Parts of volumes (subpaths) on their way into containers. Between the look-up of a part and the
 * start of the container another container of the volume may put a link to {@code /} in its place,
 * and the runtime, which only knows paths, would mount that. So what was looked up is mounted at
 * once, by its handle, at a place where no container reaches, and the runtime gets the place.
 *
 * <p>State is on disk only: {@code CONTAINER/NUMBER} below the directory. A place stays until the
 * container has started or is released; {@link #keepOnly} finds what a crash has left. After the
 * host was restarted a place is gone with its mount, so the start of such a container fails.
 */
public final class VolumeParts {
  private final Path directory;

  private VolumeParts(Path directory) {
    this.directory = directory;
  }

  /** Places below a directory, which is made with the first of them. */
  public static VolumeParts in(Path directory) {
    return new VolumeParts(directory);
  }

  /**
   * Looks a part up and holds it at a place of its own. Links are followed within the volume.
   *
   * @param number unique among the parts of this container
   * @return the place, for the runtime
   * @throws MountException when there is no such part in the volume
   */
  public Path show(String containerId, int number, LocalVolume volume, String subpath)
      throws MountException, IOException {
    try (DirectoryHandle root = DirectoryHandle.open(volume.mountpoint())) {
      Optional<PinnedHandle> found = root.pin(subpath, Links.BENEATH);
      if (found.isEmpty()) {
        throw new MountException(
            "cannot access path "
                + volume.mountpoint().resolve(subpath)
                + ": no such file or directory in the volume");
      }
      try (PinnedHandle part = found.get()) {
        Path place = place(containerId, number, part.status().type());
        Mounts.show(part, place);
        return place;
      }
    } catch (KernelException fault) {
      throw new IOException(fault.getMessage(), fault);
    }
  }

  private Path place(String containerId, int number, FileStatus.Type type) throws IOException {
    Path own = directory.resolve(EntryName.of(containerId).toString());
    OwnFiles.directory(own);
    Path place = own.resolve(Integer.toString(number));
    if (type != FileStatus.Type.DIRECTORY) {
      OwnFiles.create(place);
    } else if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(place.toString());
    } else {
      OwnFiles.directory(place);
    }
    return place;
  }

  /** Gives the places of a container back; nothing happens when it has none. */
  public void remove(String containerId) throws IOException {
    Path own = directory.resolve(EntryName.of(containerId).toString());
    if (!Files.isDirectory(own)) {
      return;
    }
    try (DirectoryHandle all = DirectoryHandle.open(directory)) {
      for (String place : names(own)) {
        Mounts.unmountAll(own.resolve(place));
      }
      // Never into a mount: had one stayed, this would fail.
      FileTree.remove(all, EntryName.of(containerId));
    } catch (KernelException fault) {
      throw new IOException(fault.getMessage(), fault);
    }
  }

  /** The containers that have places here. */
  public List<String> present() throws IOException {
    return Files.isDirectory(directory) ? names(directory) : List.of();
  }

  /** Gives the places of all other containers back, and those whose mount is gone. */
  public void keepOnly(Set<String> containerIds) throws IOException {
    for (String containerId : present()) {
      if (!containerIds.contains(containerId) || hasLost(directory.resolve(containerId))) {
        remove(containerId);
      }
    }
  }

  /** Without its mount a place is an empty directory of the host's, which nobody shall get. */
  private static boolean hasLost(Path own) throws IOException {
    try (DirectoryHandle places = DirectoryHandle.open(own)) {
      for (String place : names(own)) {
        if (!places.status(EntryName.of(place)).map(FileStatus::mounted).orElse(false)) {
          return true;
        }
      }
      return false;
    } catch (KernelException fault) {
      throw new IOException(fault.getMessage(), fault);
    }
  }

  private static List<String> names(Path directory) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      entries.forEach(entry -> names.add(String.valueOf(entry.getFileName())));
    }
    return names;
  }
}
