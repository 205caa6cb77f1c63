package dev.hanse.runtime.containerd;

import dev.hanse.containerd.snapshots.MountsRequest;
import dev.hanse.containerd.snapshots.RemoveSnapshotRequest;
import dev.hanse.containerd.types.Mount;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.file.DirectoryHandle;
import dev.hanse.kernel.file.EntryName;
import dev.hanse.kernel.file.FileTree;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The layers of files that containerd keeps, of images and of containers. */
public final class SnapshotLayers {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotLayers.class);

  /** By which of containerd's snapshotters. */
  public static final String SNAPSHOTTER = "overlayfs";

  private static final String UPPER = "upperdir=";

  private SnapshotLayers() {}

  /**
   * Removes a layer; nothing happens if there is none. One that has filled the disk is emptied
   * first: containerd cannot even write down that it is to go.
   *
   * @throws StatusRuntimeException if containerd refuses
   */
  public static void remove(ContainerdClient.Calls calls, String key) {
    try {
      ask(calls, key);
    } catch (StatusRuntimeException failure) {
      if (!Faults.isDiskFull(failure)) {
        throw failure;
      }
      empty(calls, key);
      ask(calls, key);
    }
  }

  private static void ask(ContainerdClient.Calls calls, String key) {
    try {
      var unused =
          calls
              .snapshots()
              .remove(
                  RemoveSnapshotRequest.newBuilder()
                      .setSnapshotter(SNAPSHOTTER)
                      .setKey(key)
                      .build());
    } catch (StatusRuntimeException failure) {
      if (!Faults.isNotFound(failure)) {
        throw failure;
      }
    }
  }

  private static void empty(ContainerdClient.Calls calls, String key) {
    Path layer = directory(mounts(calls, key));
    LOG.info("the disk is full: {} is emptied before it is removed", layer);
    try (DirectoryHandle parent = DirectoryHandle.open(layer.resolveSibling(""))) {
      FileTree.remove(parent, EntryName.of(layer.getFileName().toString()));
    } catch (KernelException failure) {
      LOG.warn("{} cannot be emptied: {}", layer, failure.getMessage());
    }
  }

  /**
   * How a layer that can be written, and those below it, are mounted.
   *
   * @throws StatusRuntimeException also if there is none
   */
  public static List<Mount> mounts(ContainerdClient.Calls calls, String key) {
    return calls
        .snapshots()
        .mounts(MountsRequest.newBuilder().setSnapshotter(SNAPSHOTTER).setKey(key).build())
        .getMountsList();
  }

  /** Where the files of the uppermost are; one without any below it is bound itself. */
  public static Path directory(List<Mount> mounts) {
    Mount mount = mounts.getFirst();
    return Path.of(
        mount.getOptionsList().stream()
            .filter(option -> option.startsWith(UPPER))
            .map(option -> option.substring(UPPER.length()))
            .findFirst()
            .orElseGet(mount::getSource));
  }
}
