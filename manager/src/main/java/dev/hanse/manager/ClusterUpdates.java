package dev.hanse.manager;

import com.google.protobuf.ByteString;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.ClusterCommand.UpdateCluster;
import dev.hanse.control.command.Command;
import dev.hanse.identity.IdentityException;
import dev.hanse.identity.JoinToken;
import dev.hanse.identity.RootCa;
import dev.hanse.model.Cluster;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.EncryptionKey;
import dev.hanse.model.JoinTokens;
import dev.hanse.model.KeyRotation;
import dev.hanse.model.RootCA;
import dev.hanse.model.UpdateClusterRequest;
import dev.hanse.model.Version;
import dev.hanse.store.Store;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Changes of the cluster's specification, with the secrets that are drawn for them. */
public final class ClusterUpdates {
  private static final int UNLOCK_KEY_BYTES = 32;

  private final Store store;
  private final Function<Command, CompletableFuture<Decision>> submit;
  private final SecureRandom random;

  /** Updates of the cluster in the store, submitted to the control loop. */
  public ClusterUpdates(
      Store store, Function<Command, CompletableFuture<Decision>> submit, SecureRandom random) {
    this.store = store;
    this.submit = submit;
    this.random = random;
  }

  /** The same, asked for by another manager. */
  public CompletableFuture<Decision> update(UpdateClusterRequest request) {
    KeyRotation rotation = request.getRotation();
    return update(
        request.getClusterVersion().getIndex(),
        request.getSpec(),
        new Manager.Rotation(
            rotation.getWorkerJoinToken(),
            rotation.getManagerJoinToken(),
            rotation.getManagerUnlockKey()));
  }

  /** Replaces the specification, and the secrets that are asked for. */
  CompletableFuture<Decision> update(long version, ClusterSpec spec, Manager.Rotation rotation) {
    Optional<Cluster> found = store.snapshot().cluster();
    if (found.isEmpty()) {
      return CompletableFuture.completedFuture(
          new Decision.Refused(new Rejection.NotFound("cluster not found")));
    }
    Cluster cluster = found.get();
    return submit.apply(
        new UpdateCluster(
            cluster.getId(),
            version,
            spec,
            rotatedTokens(cluster.getRootCa(), rotation),
            rotatedUnlockKey(cluster, spec, rotation)));
  }

  /** What another manager is asked with, to update likewise. */
  static UpdateClusterRequest request(
      String clusterId, long version, ClusterSpec spec, Manager.Rotation rotation) {
    return UpdateClusterRequest.newBuilder()
        .setClusterId(clusterId)
        .setClusterVersion(Version.newBuilder().setIndex(version))
        .setSpec(spec)
        .setRotation(
            KeyRotation.newBuilder()
                .setWorkerJoinToken(rotation.workerToken())
                .setManagerJoinToken(rotation.managerToken())
                .setManagerUnlockKey(rotation.unlockKey()))
        .build();
  }

  private Optional<RootCA> rotatedTokens(RootCA root, Manager.Rotation rotation) {
    if (!rotation.workerToken() && !rotation.managerToken()) {
      return Optional.empty();
    }
    try {
      RootCa certificate = RootCa.of(root.getCaCert().toByteArray());
      JoinTokens.Builder tokens = root.getJoinTokens().toBuilder();
      if (rotation.workerToken()) {
        tokens.setWorker(JoinToken.generate(certificate, random).toString());
      }
      if (rotation.managerToken()) {
        tokens.setManager(JoinToken.generate(certificate, random).toString());
      }
      return Optional.of(root.toBuilder().setJoinTokens(tokens).build());
    } catch (IdentityException e) {
      throw new IllegalStateException("the cluster's root certificate is unusable", e);
    }
  }

  /** A key is made when locking is switched on, and when it is rotated. */
  private Optional<List<EncryptionKey>> rotatedUnlockKey(
      Cluster cluster, ClusterSpec spec, Manager.Rotation rotation) {
    boolean locked = spec.getEncryptionConfig().getAutoLockManagers();
    boolean wasLocked = cluster.getSpec().getEncryptionConfig().getAutoLockManagers();
    if (!locked) {
      return wasLocked ? Optional.of(List.of()) : Optional.empty();
    }
    if (wasLocked && !rotation.unlockKey()) {
      return Optional.empty();
    }
    byte[] key = new byte[UNLOCK_KEY_BYTES];
    random.nextBytes(key);
    return Optional.of(
        List.of(
            EncryptionKey.newBuilder()
                .setSubsystem("swarm-manager")
                .setKey(ByteString.copyFrom(key))
                .build()));
  }
}
