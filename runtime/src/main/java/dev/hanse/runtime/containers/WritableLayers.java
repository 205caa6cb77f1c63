package dev.hanse.runtime.containers;

import dev.hanse.containerd.snapshots.Kind;
import dev.hanse.containerd.snapshots.ListSnapshotsRequest;
import dev.hanse.containerd.snapshots.PrepareSnapshotRequest;
import dev.hanse.containerd.types.Mount;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.file.DirectoryHandle;
import dev.hanse.kernel.file.FileTree;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.Faults;
import dev.hanse.runtime.containerd.SnapshotLayers;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;

/** What containers write over their images, one layer each, known by the container's id. */
final class WritableLayers {
  private final ContainerdClient client;

  WritableLayers(ContainerdClient client) {
    this.client = client;
  }

  /**
   * Makes an empty one.
   *
   * @param chainId the image's uppermost layer
   * @return how the container's file system is mounted
   */
  List<Mount> prepare(String containerId, String chainId) {
    try {
      return client
          .calls()
          .snapshots()
          .prepare(
              PrepareSnapshotRequest.newBuilder()
                  .setSnapshotter(SnapshotLayers.SNAPSHOTTER)
                  .setKey(containerId)
                  .setParent(chainId)
                  .build())
          .getMountsList();
    } catch (StatusRuntimeException failure) {
      throw Faults.of("making the file system of container " + containerId, failure);
    }
  }

  /** How the container's file system is mounted. */
  List<Mount> mounts(String containerId) {
    return SnapshotLayers.mounts(client.calls(), containerId);
  }

  /** The keys of all layers that can be written, those in which images are unpacked included. */
  List<String> present() {
    List<String> keys = new ArrayList<>();
    try {
      client
          .calls()
          .snapshots()
          .list(
              ListSnapshotsRequest.newBuilder().setSnapshotter(SnapshotLayers.SNAPSHOTTER).build())
          .forEachRemaining(
              piece ->
                  piece.getInfoList().stream()
                      .filter(snapshot -> snapshot.getKind() == Kind.ACTIVE)
                      .forEach(snapshot -> keys.add(snapshot.getName())));
      return keys;
    } catch (StatusRuntimeException failure) {
      throw Faults.of("listing the file systems of containers", failure);
    }
  }

  /** Removes it; nothing happens if there is none. */
  void remove(String containerId) {
    try {
      SnapshotLayers.remove(client.calls(), containerId);
    } catch (StatusRuntimeException failure) {
      throw Faults.of("removing the file system of container " + containerId, failure);
    }
  }

  /**
   * Bytes of the files in it, as their sizes say. Looks at every file; the container may be at work
   * in there.
   *
   * @throws RuntimeFault NO_SUCH_CONTAINER
   */
  long writtenBytes(String containerId) {
    try (DirectoryHandle layer =
        DirectoryHandle.open(SnapshotLayers.directory(mounts(containerId)))) {
      return FileTree.size(layer);
    } catch (StatusRuntimeException failure) {
      if (Faults.isNotFound(failure)) {
        throw ContainerRecords.noSuchContainer(containerId);
      }
      throw Faults.of("measuring the files of container " + containerId, failure);
    } catch (KernelException failure) {
      if (failure.notFound()) {
        throw ContainerRecords.noSuchContainer(containerId);
      }
      throw new RuntimeFault(
          RuntimeFault.Kind.INTERNAL, "measuring the files of container " + containerId, failure);
    }
  }
}
