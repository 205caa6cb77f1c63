package dev.hanse.runtime.containers;

import dev.hanse.containerd.snapshots.MountsRequest;
import dev.hanse.containerd.snapshots.PrepareSnapshotRequest;
import dev.hanse.containerd.snapshots.RemoveSnapshotRequest;
import dev.hanse.containerd.snapshots.UsageRequest;
import dev.hanse.containerd.types.Mount;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.Faults;
import io.grpc.StatusRuntimeException;
import java.util.List;

/** What containers write over their images, one layer each, known by the container's id. */
final class WritableLayers {
  static final String SNAPSHOTTER = "overlayfs";

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
                  .setSnapshotter(SNAPSHOTTER)
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
    return client
        .calls()
        .snapshots()
        .mounts(MountsRequest.newBuilder().setSnapshotter(SNAPSHOTTER).setKey(containerId).build())
        .getMountsList();
  }

  /** Removes it; nothing happens if there is none. */
  void remove(String containerId) {
    try {
      var unused =
          client
              .calls()
              .snapshots()
              .remove(
                  RemoveSnapshotRequest.newBuilder()
                      .setSnapshotter(SNAPSHOTTER)
                      .setKey(containerId)
                      .build());
    } catch (StatusRuntimeException failure) {
      if (!Faults.isNotFound(failure)) {
        throw Faults.of("removing the file system of container " + containerId, failure);
      }
    }
  }

  /**
   * Bytes on disk. Looks at every file.
   *
   * @throws RuntimeFault NO_SUCH_CONTAINER
   */
  long writtenBytes(String containerId) {
    try {
      return client
          .calls()
          .snapshots()
          .usage(UsageRequest.newBuilder().setSnapshotter(SNAPSHOTTER).setKey(containerId).build())
          .getSize();
    } catch (StatusRuntimeException failure) {
      if (Faults.isNotFound(failure)) {
        throw ContainerRecords.noSuchContainer(containerId);
      }
      throw Faults.of("measuring the files of container " + containerId, failure);
    }
  }
}
