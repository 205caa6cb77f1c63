package dev.hanse.runtime.content;

import dev.hanse.containerd.snapshots.UsageRequest;
import dev.hanse.containerd.snapshots.UsageResponse;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.DiskRoom;
import dev.hanse.runtime.containerd.SnapshotLayers;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Ends the unpacking of a layer that fills the disk or is out of proportion. containerd
 * decompresses without a limit and without telling how far it is: so the disk is looked at, and
 * only if it lost more than the layer may become, in bytes or in files, containerd is asked how
 * much of that is this layer's.
 */
final class UnpackWatch {
  /** Files that need no justification. */
  private static final long FREE_FILES = 1 << 20;

  /** Beyond them, compressed bytes for each file: an empty one among many takes about 30. */
  private static final int BYTES_PER_FILE = 64;

  private static final Duration PERIOD = Duration.ofMillis(100);

  private final ContainerdClient.Calls calls;
  private final BlobDescriptor layer;
  private final String key;
  private final long freeAtStart;
  private final long filesAtStart;
  private volatile Optional<RuntimeFault> fault = Optional.empty();

  UnpackWatch(ContainerdClient.Calls calls, BlobDescriptor layer, String key) {
    this.calls = calls;
    this.layer = layer;
    this.key = key;
    this.freeAtStart = calls.disk().free();
    this.filesAtStart = calls.disk().filesFree();
  }

  /**
   * Makes a call under watch.
   *
   * @throws RuntimeFault what the watch found, in place of the cancelled call's fault
   */
  <T> T during(Supplier<T> call) {
    Context.CancellableContext context = Context.current().withCancellation();
    Thread watching = Thread.ofVirtual().name("unpack watch").start(() -> watch(context));
    Context before = context.attach();
    try {
      return call.get();
    } catch (StatusRuntimeException failure) {
      throw fault.isPresent() ? fault.get() : failure;
    } finally {
      context.detach(before);
      watching.interrupt();
      context.cancel(null);
    }
  }

  private void watch(Context.CancellableContext context) {
    try {
      while (fault.isEmpty()) {
        Thread.sleep(PERIOD);
        fault = look();
      }
      context.cancel(fault.get());
    } catch (InterruptedException finished) {
      Thread.currentThread().interrupt();
    }
  }

  private Optional<RuntimeFault> look() {
    long free = calls.disk().free();
    long filesFree = calls.disk().filesFree();
    if (free < 0 || filesFree < 0) {
      return Optional.of(DiskRoom.full("layer " + layer.digest()));
    }
    long allowed = Inflation.allowed(layer.sizeBytes());
    if (freeAtStart - free > allowed && unpacked().getSize() > allowed) {
      return Optional.of(tooLarge(allowed + " bytes"));
    }
    long filesAllowed = Math.max(FREE_FILES, layer.sizeBytes() / BYTES_PER_FILE);
    if (filesAtStart - filesFree > filesAllowed && unpacked().getInodes() > filesAllowed) {
      return Optional.of(tooLarge(filesAllowed + " files"));
    }
    return Optional.empty();
  }

  private RuntimeFault tooLarge(String limit) {
    return new RuntimeFault(
        RuntimeFault.Kind.BAD_IMAGE, "layer " + layer.digest() + " unpacks to more than " + limit);
  }

  private UsageResponse unpacked() {
    try {
      return calls
          .snapshots()
          .usage(
              UsageRequest.newBuilder()
                  .setSnapshotter(SnapshotLayers.SNAPSHOTTER)
                  .setKey(key)
                  .build());
    } catch (StatusRuntimeException unknown) {
      // The next look tells.
      return UsageResponse.getDefaultInstance();
    }
  }
}
