package dev.hanse.runtime.containers;

import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.file.DirectoryHandle;
import dev.hanse.kernel.file.EntryName;
import dev.hanse.kernel.file.FileStatus;
import dev.hanse.kernel.file.Links;
import dev.hanse.kernel.file.MountHandle;
import dev.hanse.kernel.file.MountHandle.Propagation;
import dev.hanse.kernel.file.MountPoint;
import dev.hanse.kernel.file.Mounts;
import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.kernel.file.PinnedHandle;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.spec.ContainerMount;
import dev.hanse.runtime.spec.MountTree;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes {@link MountTree}s for the moment in which runc makes a container, which then has its own
 * copy of them. Everything in them is found, made and mounted by handles.
 *
 * <p>State is on disk only: {@code CONTAINER/NUMBER} below the directory, there during a start and
 * after a crash in one, which {@link #clear} finds.
 */
final class MountTrees {
  private static final Logger LOG = LoggerFactory.getLogger(MountTrees.class);

  private final Path directory;

  MountTrees(Path directory) {
    this.directory = directory;
  }

  /** Where the trees of a container are made. */
  Path places(String containerId) {
    return directory.resolve(EntryName.of(containerId).toString());
  }

  /**
   * Makes the trees of a container.
   *
   * @throws RuntimeFault START_FAILED in the form of runc's own messages
   */
  void show(List<MountTree> trees) {
    for (MountTree tree : trees) {
      List<MountHandle> held = new ArrayList<>();
      try {
        held.add(root(tree));
        for (MountTree.Nested nested : tree.nested()) {
          held.add(nested(held.get(nested.base()), nested));
        }
      } finally {
        held.forEach(MountHandle::close);
      }
    }
  }

  private static MountHandle root(MountTree tree) {
    try {
      OwnFiles.directory(tree.place());
      try (PinnedHandle source = PinnedHandle.of(tree.root().source());
          PinnedHandle place = PinnedHandle.of(tree.place())) {
        return bind(tree.root(), source, place);
      }
    } catch (IOException | KernelException refused) {
      throw fault(tree.root(), refused);
    }
  }

  private static MountHandle nested(MountHandle base, MountTree.Nested nested) {
    try (DirectoryHandle root = base.root()) {
      return switch (nested.mount()) {
        case ContainerMount.Bind bind -> {
          try (PinnedHandle source = PinnedHandle.of(bind.source());
              PinnedHandle place = MountPoint.below(root, nested.path(), isDirectory(source))) {
            yield bind(bind, source, place);
          }
        }
        case ContainerMount.Tmpfs tmpfs -> tmpfs(tmpfs, root, nested.path());
      };
    } catch (KernelException refused) {
      throw fault(nested.mount(), refused);
    }
  }

  private static boolean isDirectory(PinnedHandle source) {
    return source.status().type() == FileStatus.Type.DIRECTORY;
  }

  private static MountHandle bind(
      ContainerMount.Bind bind, PinnedHandle source, PinnedHandle place) {
    MountHandle mount = MountHandle.of(source, bind.recursive());
    try {
      mount.attach(place);
      propagate(mount, bind);
      if (bind.readOnly()) {
        mount.readOnly(MountTree.readOnlyWithAllBelow(bind));
      }
      return mount;
    } catch (RuntimeException refused) {
      mount.close();
      throw refused;
    }
  }

  private static void propagate(MountHandle mount, ContainerMount.Bind bind) {
    switch (bind.propagation()) {
      case RPRIVATE -> mount.propagate(Propagation.PRIVATE_WITH_ALL_BELOW);
      case RSLAVE, SLAVE -> mount.propagate(Propagation.SLAVE_WITH_ALL_BELOW);
      case PRIVATE -> {
        mount.propagate(Propagation.SLAVE_WITH_ALL_BELOW);
        mount.propagate(Propagation.PRIVATE);
      }
      case SHARED, RSHARED -> {
        // As a copy of a shared mount it is so already.
      }
    }
  }

  private static MountHandle tmpfs(ContainerMount.Tmpfs tmpfs, DirectoryHandle root, String path) {
    Map<String, String> options = new HashMap<>();
    tmpfs.sizeBytes().ifPresent(size -> options.put("size", Long.toString(size)));
    // As runc does: a directory that was there keeps its mode.
    mode(root, path).ifPresent(mode -> options.put("mode", Integer.toOctalString(mode)));
    tmpfs.mode().ifPresent(mode -> options.put("mode", Integer.toOctalString(mode)));
    try (PinnedHandle place = MountPoint.below(root, path, true)) {
      MountHandle mount = MountHandle.tmpfs(options, flags(tmpfs));
      try {
        mount.attach(place);
        mount.propagate(Propagation.PRIVATE_WITH_ALL_BELOW);
        return mount;
      } catch (RuntimeException refused) {
        mount.close();
        throw refused;
      }
    }
  }

  private static Optional<Integer> mode(DirectoryHandle root, String path) {
    Optional<PinnedHandle> present = root.pin(path, Links.BENEATH);
    if (present.isEmpty()) {
      return Optional.empty();
    }
    try (PinnedHandle found = present.get()) {
      return Optional.of(found.status().mode());
    }
  }

  private static Set<Mounts.Flag> flags(ContainerMount.Tmpfs tmpfs) {
    Set<Mounts.Flag> flags = EnumSet.of(Mounts.Flag.NO_SET_USER_ID, Mounts.Flag.NO_DEVICES);
    if (!tmpfs.executable()) {
      flags.add(Mounts.Flag.NO_EXECUTION);
    }
    if (tmpfs.readOnly()) {
      flags.add(Mounts.Flag.READ_ONLY);
    }
    return flags;
  }

  private static RuntimeFault fault(ContainerMount mount, Exception refused) {
    String source =
        switch (mount) {
          case ContainerMount.Bind bind -> bind.source().toString();
          case ContainerMount.Tmpfs _ -> "tmpfs";
        };
    return new RuntimeFault(
        RuntimeFault.Kind.START_FAILED,
        "failed to create task for container: error mounting \"%s\" to rootfs at \"%s\": %s"
            .formatted(source, mount.target(), refused.getMessage()),
        refused);
  }

  /** Gives the trees of a container back; nothing happens when it has none. */
  void remove(String containerId) {
    try {
      giveBack(places(containerId));
    } catch (IOException | KernelException failure) {
      LOG.warn("mounts of container {}: {}", containerId, failure.getMessage());
    }
  }

  /** Gives back what a daemon has left that was killed during a start. */
  void clear() {
    try {
      for (Path left : entries(directory)) {
        giveBack(left);
      }
    } catch (IOException | KernelException failure) {
      LOG.warn("mounts of containers: {}", failure.getMessage());
    }
  }

  private static void giveBack(Path own) throws IOException {
    for (Path place : entries(own)) {
      Mounts.unmountTree(place);
      Files.deleteIfExists(place);
    }
    Files.deleteIfExists(own);
  }

  private static List<Path> entries(Path directory) throws IOException {
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
        entries.forEach(found::add);
      }
    }
    return found;
  }
}
