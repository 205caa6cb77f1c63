package dev.hanse.manager;

import com.google.protobuf.ByteString;
import dev.hanse.cluster.Rotation;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.ClusterCommand.UpdateCluster;
import dev.hanse.control.command.Command;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.JoinToken;
import dev.hanse.identity.certificate.RootCa;
import dev.hanse.identity.certificate.UnlockKey;
import dev.hanse.manager.authority.LockKeeper;
import dev.hanse.manager.authority.RootChanges;
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
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Changes of the cluster's specification, with the secrets that are drawn for them. */
public final class ClusterUpdates {
  private final Store store;
  private final Function<Command, CompletableFuture<Decision>> submit;
  private final SecureRandom random;
  private final RootChanges roots;

  /** Updates of the cluster in the store, submitted to the control loop. */
  public ClusterUpdates(
      Store store,
      Function<Command, CompletableFuture<Decision>> submit,
      TlsCredentials credentials,
      InstantSource clock,
      SecureRandom random) {
    this.store = store;
    this.submit = submit;
    this.random = random;
    this.roots = new RootChanges(credentials, clock, random);
  }

  /** The same, asked for by another manager. */
  public CompletableFuture<Decision> update(UpdateClusterRequest request) {
    KeyRotation rotation = request.getRotation();
    return update(
        request.getClusterVersion().getIndex(),
        request.getSpec(),
        new Rotation(
            rotation.getWorkerJoinToken(),
            rotation.getManagerJoinToken(),
            rotation.getManagerUnlockKey()));
  }

  /** Replaces the specification, and the secrets that are asked for. */
  CompletableFuture<Decision> update(long version, ClusterSpec spec, Rotation rotation) {
    Optional<Cluster> found = store.snapshot().cluster();
    if (found.isEmpty()) {
      return CompletableFuture.completedFuture(
          new Decision.Refused(new Rejection.NotFound("cluster not found")));
    }
    return switch (prepare(found.get(), version, spec, rotation)) {
      case Prepared.Update(Command command) -> submit.apply(command);
      case Prepared.Refused(Rejection rejection) ->
          CompletableFuture.completedFuture(new Decision.Refused(rejection));
    };
  }

  /** What another manager is asked with, to update likewise. */
  static UpdateClusterRequest request(
      String clusterId, long version, ClusterSpec spec, Rotation rotation) {
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

  /** What is to be done, or why not. */
  private sealed interface Prepared {
    /** To be decided by the control loop. */
    record Update(Command command) implements Prepared {}

    /** Nothing is done. */
    record Refused(Rejection rejection) implements Prepared {}
  }

  /**
   * The command that replaces the specification, and the secrets that are asked for or follow from
   * it. May block while external authorities are asked.
   */
  private Prepared prepare(Cluster cluster, long version, ClusterSpec spec, Rotation rotation) {
    if (cluster.getMeta().getVersion().getIndex() != version) {
      // What follows is worked out from this cluster object and would not fit another.
      return new Prepared.Refused(new Rejection.FailedPrecondition("update out of sequence"));
    }
    RootCA root = rotatedTokens(cluster.getRootCa(), rotation);
    try {
      return switch (roots.prepare(root, spec.getCaConfig())) {
        case RootChanges.Result.Refused(Rejection rejection) -> new Prepared.Refused(rejection);
        case RootChanges.Result.Root(RootCA prepared) ->
            new Prepared.Update(
                new UpdateCluster(
                    cluster.getId(),
                    version,
                    spec,
                    Optional.of(prepared).filter(it -> !it.equals(cluster.getRootCa())),
                    rotatedUnlockKey(cluster, spec, rotation)));
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Prepared.Refused(new Rejection.Unavailable("interrupted"));
    }
  }

  private RootCA rotatedTokens(RootCA root, Rotation rotation) {
    if (!rotation.workerToken() && !rotation.managerToken()) {
      return root;
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
      return root.toBuilder().setJoinTokens(tokens).build();
    } catch (IdentityException e) {
      throw new IllegalStateException("the cluster's root certificate is unusable", e);
    }
  }

  /** A key is made when locking is switched on, and when it is rotated. */
  private Optional<List<EncryptionKey>> rotatedUnlockKey(
      Cluster cluster, ClusterSpec spec, Rotation rotation) {
    boolean locked = spec.getEncryptionConfig().getAutoLockManagers();
    boolean wasLocked = cluster.getSpec().getEncryptionConfig().getAutoLockManagers();
    if (!locked) {
      return wasLocked ? Optional.of(List.of()) : Optional.empty();
    }
    if (wasLocked && !rotation.unlockKey()) {
      return Optional.empty();
    }
    return Optional.of(
        List.of(
            EncryptionKey.newBuilder()
                .setSubsystem(LockKeeper.SUBSYSTEM)
                .setKey(ByteString.copyFrom(UnlockKey.generate(random).bytes()))
                .build()));
  }
}
