package dev.hanse.agent.volume;

import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.file.DirectoryHandle;
import dev.hanse.kernel.file.EntryName;
import dev.hanse.kernel.file.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * What is inside a volume's directory: looking, copying, measuring, deleting. Containers may be at
 * work in it, so all goes by handles.
 */
final class VolumeContents {
  /** The directory that containers see, in the volume's own. */
  static final String DATA = "_data";

  private VolumeContents() {}

  /**
   * Copies a directory's content with owners, modes and times into a volume that is still empty;
   * the volume takes over the directory's own.
   *
   * @return whether it was empty
   */
  static boolean fill(LocalVolume volume, DirectoryHandle source) throws IOException {
    return with(
        volume.mountpoint(),
        data -> {
          if (!data.isEmpty()) {
            return false;
          }
          FileTree.copy(source, data);
          return true;
        });
  }

  /** Is there nothing in a volume's data, or no data at all? */
  static boolean isEmpty(Path data) throws IOException {
    return !Files.isDirectory(data) || with(data, DirectoryHandle::isEmpty);
  }

  /** Bytes of its files. */
  static long size(LocalVolume volume) throws IOException {
    return with(volume.mountpoint(), FileTree::size);
  }

  /** Deletes a volume's own directory, its data first: without its record nobody would know it. */
  static void delete(Path volumes, String name) throws IOException {
    remove(volumes.resolve(name), EntryName.of(DATA));
    remove(volumes, EntryName.of(name));
  }

  private static void remove(Path directory, EntryName name) throws IOException {
    with(
        directory,
        handle -> {
          FileTree.remove(handle, name);
          return name;
        });
  }

  private static <T> T with(Path directory, Function<DirectoryHandle, T> body) throws IOException {
    try (DirectoryHandle handle = DirectoryHandle.open(directory)) {
      return body.apply(handle);
    } catch (KernelException fault) {
      throw new IOException(fault.getMessage(), fault);
    }
  }
}
