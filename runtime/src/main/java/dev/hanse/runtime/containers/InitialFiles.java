package dev.hanse.runtime.containers;

import dev.hanse.containerd.types.Mount;
import dev.hanse.kernel.file.DirectoryHandle;
import dev.hanse.kernel.file.Mounts;
import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.runtime.RuntimeFault;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * The file system that a container begins with, for what is to be copied out of its image. Only the
 * image's layers are looked at, never the layer that the container writes: that may be mounted
 * already, and an overlay's upper layer must not be mounted twice.
 */
final class InitialFiles {
  private static final String LOWER = "lowerdir=";

  private InitialFiles() {}

  static void use(List<Mount> rootfs, Path scratch, Containers.FileTree tree) throws IOException {
    if (rootfs.size() != 1) {
      throw new RuntimeFault(
          RuntimeFault.Kind.INTERNAL, "a file system of " + rootfs.size() + " mounts");
    }
    Mount mount = rootfs.getFirst();
    List<String> lower =
        mount.getOptionsList().stream()
            .filter(option -> option.startsWith(LOWER))
            .flatMap(option -> List.of(option.substring(LOWER.length()).split(":")).stream())
            .toList();
    try (DirectoryHandle root =
        lower.size() > 1
            ? overlay(String.join(":", lower), scratch)
            : DirectoryHandle.open(
                Path.of(lower.isEmpty() ? mount.getSource() : lower.getFirst()))) {
      tree.use(root);
    }
  }

  /** A mount that has no place any more when this returns: it ends with the handle. */
  private static DirectoryHandle overlay(String lower, Path scratch) throws IOException {
    OwnFiles.directory(scratch);
    Path place = OwnFiles.temporaryDirectory(scratch, "image");
    try {
      Mounts.mount("overlay", "overlay", place, Set.of(Mounts.Flag.READ_ONLY), LOWER + lower);
      try {
        return DirectoryHandle.open(place);
      } finally {
        Mounts.unmount(place);
      }
    } finally {
      Files.deleteIfExists(place);
    }
  }

  /** Gives back what a daemon that was killed has left. */
  static void clear(Path scratch) throws IOException {
    if (!Files.isDirectory(scratch)) {
      return;
    }
    try (DirectoryStream<Path> places = Files.newDirectoryStream(scratch)) {
      for (Path place : places) {
        Mounts.unmountAll(place);
        Files.deleteIfExists(place);
      }
    }
  }
}
