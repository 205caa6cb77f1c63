package dev.hanse.manager;

import dev.hanse.control.Context;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.Times;
import dev.hanse.control.command.ClusterCommand.FirstManager;
import dev.hanse.control.decision.Restoration;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.model.Cluster;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.raft.RatisLog;
import dev.hanse.raft.log.LogSettings;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.StoredSnapshot;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A saved state that is to live again, with this node as its only manager: see {@link Restoration}
 * for what becomes of the others.
 */
public final class RestoredCluster {
  private final Snapshot saved;
  private final Cluster cluster;

  private RestoredCluster(Snapshot saved, Cluster cluster) {
    this.saved = saved;
    this.cluster = cluster;
  }

  /**
   * Reads a state in the form that {@link StoredSnapshot#save} writes.
   *
   * @param index the log index of the state; the log goes on behind it
   * @throws ManagerStartException if the bytes are no state, or one without a cluster
   * @throws IOException if reading fails
   */
  public static RestoredCluster read(InputStream in, long index)
      throws IOException, ManagerStartException {
    Snapshot saved;
    try {
      saved = StoredSnapshot.restore(in, index);
    } catch (com.google.protobuf.InvalidProtocolBufferException malformed) {
      if (malformed.getCause() instanceof IOException broken) {
        throw broken;
      }
      throw new ManagerStartException(
          new Rejection.Invalid("this is no saved cluster: " + malformed.getMessage()));
    }
    return new RestoredCluster(
        saved,
        saved
            .cluster()
            .orElseThrow(
                () ->
                    new ManagerStartException(
                        new Rejection.Invalid("the saved state holds no cluster"))));
  }

  /** The id of the cluster. */
  public String clusterId() {
    return cluster.getId();
  }

  /** The UDP port of its overlay networks. */
  public int dataPathPort() {
    return cluster.getVXLANUDPPort();
  }

  /** The ids of its managers, which will be removed. */
  public List<String> formerManagers() {
    return saved.all(Kind.NODE).stream()
        .filter(node -> node.getRole() == NodeRole.MANAGER)
        .map(Node::getId)
        .toList();
  }

  /**
   * Makes this node the manager of the cluster: saves its identity and starts.
   *
   * @throws ManagerStartException if the cluster's authority cannot sign, a port is taken or the
   *     disk fails; nothing is left behind
   */
  public Manager start(
      ManagerSettings settings,
      CertificateDirectory certificates,
      NodeSpec.Availability availability)
      throws ManagerStartException {
    Instant now = settings.clock().instant();
    SecureRandom random = new SecureRandom();
    NewCluster own = identity(now, random);
    byte[] state = state(own, availability, now, random);
    Path directory = settings.logDirectory();
    try {
      // Without an identity nobody can have written here but a start that failed.
      SavedState.delete(directory);
      RatisLog.importState(
          settings.log(
              own.identity().nodeId(), LogSettings.Start.RESUME_OR_FOUND, Optional.empty()),
          saved.index() + 1,
          new ByteArrayInputStream(state));
      certificates.save(own.identity());
      return Manager.open(
          settings, new TlsCredentials(own.identity(), certificates, settings.clock()));
    } catch (ManagerStartException fault) {
      forget(directory, certificates, fault);
      throw fault;
    } catch (IOException fault) {
      forget(directory, certificates, fault);
      throw new ManagerStartException(
          "could not save the restored cluster: " + fault.getMessage(), fault);
    }
  }

  private NewCluster identity(Instant now, SecureRandom random) throws ManagerStartException {
    if (cluster.getRootCa().getCaKey().isEmpty()) {
      throw new ManagerStartException(
          new Rejection.FailedPrecondition(
              "the saved cluster's certificates come from an external authority: its key is not in"
                  + " the saved state, so this node cannot get a certificate"));
    }
    try {
      return NewCluster.restored(cluster, now, random);
    } catch (IdentityException fault) {
      throw new ManagerStartException(
          "the saved cluster's authority cannot sign: " + fault.getMessage(), fault);
    }
  }

  private byte[] state(
      NewCluster own, NodeSpec.Availability availability, Instant now, SecureRandom random)
      throws ManagerStartException {
    FirstManager manager =
        new FirstManager(own.identity().nodeId(), own.certificate(), availability);
    Decision decision =
        Restoration.decide(saved, manager, new Context(Times.timestamp(now), random));
    Snapshot restored =
        switch (decision) {
          case Decision.Accepted accepted -> saved.preview(accepted.changes());
          case Decision.Refused refused -> throw new ManagerStartException(refused.rejection());
        };
    ByteArrayOutputStream bytes =
        new ByteArrayOutputStream(Math.toIntExact(StoredSnapshot.bytes(restored)));
    try {
      StoredSnapshot.save(restored, bytes);
    } catch (IOException impossible) {
      throw new IllegalStateException("writing to memory", impossible);
    }
    return bytes.toByteArray();
  }

  private static void forget(Path directory, CertificateDirectory certificates, Exception cause) {
    SavedState.deleteQuietly(directory);
    try {
      certificates.delete();
    } catch (IOException also) {
      cause.addSuppressed(also);
    }
  }
}
