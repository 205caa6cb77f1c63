package dev.hanse.runtime.containerd;

import dev.hanse.containerd.leases.AddResourceRequest;
import dev.hanse.containerd.leases.CreateRequest;
import dev.hanse.containerd.leases.DeleteRequest;
import dev.hanse.containerd.leases.Resource;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps containerd's garbage collector away from what is being written until it is referenced.
 * Source: containerd's docs/garbage-collection.md.
 */
public final class Lease implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);
  private static final Duration LIFE_MAX = Duration.ofHours(24);

  private final ContainerdClient client;
  private final String id;
  private boolean kept = true;

  private Lease(ContainerdClient client, String id) {
    this.client = client;
    this.id = id;
  }

  /** A new lease; it expires by itself after a day if the daemon dies. */
  public static Lease take(ContainerdClient client) {
    String id = "hanse-" + UUID.randomUUID();
    String end = Instant.now().plus(LIFE_MAX).truncatedTo(ChronoUnit.SECONDS).toString();
    var request =
        CreateRequest.newBuilder().setId(id).putLabels("containerd.io/gc.expire", end).build();
    try {
      var unused = client.calls().leases().create(request);
    } catch (StatusRuntimeException failure) {
      throw Faults.of("taking a lease", failure);
    }
    return new Lease(client, id);
  }

  /** As {@link #take}, but at its end all is gone from the disk that was not {@link #keep kept}. */
  public static Lease provisional(ContainerdClient client) {
    Lease lease = take(client);
    lease.kept = false;
    return lease;
  }

  String id() {
    return id;
  }

  /** Holds a blob that was in the store before. */
  public void holdContent(String digest) {
    hold("content", digest);
  }

  /** Holds a snapshot that was there before. */
  public void holdSnapshot(String snapshotter, String key) {
    hold("snapshots/" + snapshotter, key);
  }

  private void hold(String type, String resource) {
    var request =
        AddResourceRequest.newBuilder()
            .setId(id)
            .setResource(Resource.newBuilder().setType(type).setId(resource))
            .build();
    try {
      var unused = client.calls().leases().addResource(request);
    } catch (StatusRuntimeException failure) {
      throw Faults.of("holding " + resource, failure);
    }
  }

  /** What was written under the lease is referenced now. */
  public void keep() {
    kept = true;
  }

  /** Ends the lease: what nobody else refers to goes, some time. */
  @Override
  public void close() {
    // Also when what was done under the lease has been broken off.
    boolean interrupted = Thread.interrupted();
    try {
      var unused =
          client
              .calls()
              .leases()
              .delete(DeleteRequest.newBuilder().setId(id).setSync(!kept).build());
    } catch (StatusRuntimeException failure) {
      LOG.warn("lease {} stays until it expires: {}", id, failure.getMessage());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
