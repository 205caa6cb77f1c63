package dev.hanse.runtime.content;

import dev.hanse.containerd.diff.ApplyRequest;
import dev.hanse.containerd.snapshots.CommitSnapshotRequest;
import dev.hanse.containerd.snapshots.PrepareSnapshotRequest;
import dev.hanse.containerd.snapshots.StatSnapshotRequest;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.ContentStore;
import dev.hanse.runtime.containerd.Faults;
import dev.hanse.runtime.containerd.Lease;
import dev.hanse.runtime.containerd.SnapshotLayers;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Makes an image of blobs that are in the content store under a lease: unpacks the layers into
 * snapshots and stores the manifest with the labels that tie all parts together for containerd's
 * garbage collector (its docs/garbage-collection.md).
 */
public final class ImageWriter {
  private static final String REFERS_CONTENT = "containerd.io/gc.ref.content.";
  private static final String REFERS_SNAPSHOT = "containerd.io/gc.ref.snapshot.";

  /** What all layers of an image may take to unpack, whatever their size. */
  private static final Duration UNPACK_FREE = Duration.ofMinutes(2);

  /** Beyond that, compressed bytes a second: a slow disk under load does better. */
  private static final long UNPACK_BYTES_PER_SECOND = 256 << 10;

  private final Lease lease;
  private final ContainerdClient.Calls calls;
  private final ContentStore content;
  private final RuntimeFault.Kind kindIfBad;
  private final Duration unpackFree;

  /**
   * Writes under a lease.
   *
   * @param kindIfBad what it is called when a layer cannot be unpacked
   */
  public ImageWriter(ContainerdClient client, Lease lease, RuntimeFault.Kind kindIfBad) {
    this(client, lease, kindIfBad, UNPACK_FREE);
  }

  ImageWriter(
      ContainerdClient client, Lease lease, RuntimeFault.Kind kindIfBad, Duration unpackFree) {
    this.unpackFree = unpackFree;
    this.lease = lease;
    this.calls = client.calls(lease);
    this.content = new ContentStore(calls);
    this.kindIfBad = kindIfBad;
  }

  /** Told when a layer's unpacking begins and ends. */
  public interface LayerListener {
    LayerListener NONE = (layer, finished) -> {};

    void unpacking(BlobDescriptor layer, boolean finished);
  }

  /** Unpacks and stores; the caller names the result before it gives up the lease. */
  public StoredImage write(byte[] manifestBytes, Manifest manifest, LayerListener listener) {
    ConfigDocument document = ConfigDocument.read(content.document(manifest.config().digest()));
    if (document.layers().size() != manifest.layers().size()) {
      throw new RuntimeFault(
          kindIfBad,
          "image configuration names "
              + document.layers().size()
              + " layers, its manifest "
              + manifest.layers().size());
    }
    var image =
        new StoredImage(
            ContentStore.digest(manifestBytes),
            manifestBytes.length,
            manifest,
            document,
            document.chainIds());
    Deadline deadline = unpackingEnds(manifest);
    String below = "";
    for (int i = 0; i < manifest.layers().size(); i++) {
      BlobDescriptor layer = manifest.layers().get(i);
      listener.unpacking(layer, false);
      unpack(layer, document.layers().get(i), below, image.chainIds().get(i), deadline);
      listener.unpacking(layer, true);
      below = image.chainIds().get(i);
    }
    if (!below.isEmpty()) {
      content.label(
          manifest.config().digest(), Map.of(REFERS_SNAPSHOT + SnapshotLayers.SNAPSHOTTER, below));
    }
    content.put(manifestBytes, references(manifest));
    return image;
  }

  /**
   * A few kilobytes can name paths so deep that containerd works on them for hours: the kernel
   * walks each of their directories for each entry.
   */
  private Deadline unpackingEnds(Manifest manifest) {
    long bytes = manifest.layers().stream().mapToLong(BlobDescriptor::sizeBytes).sum();
    return Deadline.after(
        unpackFree.toSeconds() + bytes / UNPACK_BYTES_PER_SECOND, TimeUnit.SECONDS);
  }

  private static Map<String, String> references(Manifest manifest) {
    var labels = new LinkedHashMap<String, String>();
    labels.put(REFERS_CONTENT + "config", manifest.config().digest());
    for (int i = 0; i < manifest.layers().size(); i++) {
      labels.put(REFERS_CONTENT + "l." + i, manifest.layers().get(i).digest());
    }
    return labels;
  }

  private void unpack(
      BlobDescriptor layer, String diffId, String below, String chainId, Deadline deadline) {
    if (exists(chainId)) {
      lease.holdSnapshot(SnapshotLayers.SNAPSHOTTER, chainId);
      return;
    }
    String key = "unpack-" + UUID.randomUUID() + " " + chainId;
    try {
      var prepared =
          calls
              .snapshots()
              .prepare(
                  PrepareSnapshotRequest.newBuilder()
                      .setSnapshotter(SnapshotLayers.SNAPSHOTTER)
                      .setKey(key)
                      .setParent(below)
                      .build());
      var request =
          ApplyRequest.newBuilder()
              .setDiff(layer.message())
              .addAllMounts(prepared.getMountsList())
              .build();
      var applied =
          new UnpackWatch(calls, layer, key)
              .during(() -> calls.diff().withDeadline(deadline).apply(request).getApplied());
      if (!applied.getDigest().equals(diffId)) {
        throw new RuntimeFault(
            kindIfBad,
            "layer " + layer.digest() + " unpacks to " + applied.getDigest() + ", not " + diffId);
      }
      commit(key, chainId);
    } catch (StatusRuntimeException failure) {
      discard(key);
      throw unpackFault(layer, failure);
    } catch (RuntimeFault fault) {
      discard(key);
      throw fault;
    }
  }

  private void commit(String key, String chainId) {
    try {
      var unused =
          calls
              .snapshots()
              .commit(
                  CommitSnapshotRequest.newBuilder()
                      .setSnapshotter(SnapshotLayers.SNAPSHOTTER)
                      .setKey(key)
                      .setName(chainId)
                      .build());
    } catch (StatusRuntimeException failure) {
      if (!Faults.isAlreadyExists(failure)) {
        throw failure;
      }
      // Another pull unpacked the same layers meanwhile.
      discard(key);
    }
  }

  private RuntimeFault unpackFault(BlobDescriptor layer, StatusRuntimeException failure) {
    if (failure.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED) {
      return new RuntimeFault(
          kindIfBad, "layer " + layer.digest() + " takes too long to unpack for its size", failure);
    }
    RuntimeFault fault = Faults.of("unpacking layer " + layer.digest(), failure);
    boolean ours =
        fault.kind() == RuntimeFault.Kind.UNAVAILABLE
            || fault.getMessage().contains("no space left");
    return ours ? fault : new RuntimeFault(kindIfBad, fault.getMessage(), failure);
  }

  private boolean exists(String chainId) {
    try {
      var unused =
          calls
              .snapshots()
              .stat(
                  StatSnapshotRequest.newBuilder()
                      .setSnapshotter(SnapshotLayers.SNAPSHOTTER)
                      .setKey(chainId)
                      .build());
      return true;
    } catch (StatusRuntimeException failure) {
      if (Faults.isNotFound(failure)) {
        return false;
      }
      throw Faults.of("looking for layer " + chainId, failure);
    }
  }

  private void discard(String key) {
    try {
      SnapshotLayers.remove(calls, key);
    } catch (StatusRuntimeException withLease) {
      // It goes with the lease.
      return;
    }
  }
}
