package dev.hanse.manager;

import com.google.protobuf.ByteString;
import dev.hanse.control.command.ClusterCommand.UpdateCluster;
import dev.hanse.identity.IdentityException;
import dev.hanse.identity.JoinToken;
import dev.hanse.identity.RootCa;
import dev.hanse.model.Cluster;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.EncryptionKey;
import dev.hanse.model.JoinTokens;
import dev.hanse.model.RootCA;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/** Changes of the cluster's specification, with the secrets that are drawn for them. */
final class ClusterUpdates {
  private static final int UNLOCK_KEY_BYTES = 32;

  private final SecureRandom random;

  ClusterUpdates(SecureRandom random) {
    this.random = random;
  }

  /** The command that replaces the specification, and the secrets that are asked for. */
  UpdateCluster command(
      Cluster cluster, long version, ClusterSpec spec, Manager.Rotation rotation) {
    return new UpdateCluster(
        cluster.getId(),
        version,
        spec,
        rotatedTokens(cluster.getRootCa(), rotation),
        rotatedUnlockKey(cluster, spec, rotation));
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
