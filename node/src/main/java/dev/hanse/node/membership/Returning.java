package dev.hanse.node.membership;

import dev.hanse.identity.LateRenewal;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.identity.certificate.Role;
import dev.hanse.identity.certificate.UnlockKey;
import dev.hanse.manager.Manager;
import dev.hanse.manager.ManagerStartException;
import dev.hanse.manager.authority.OwnCertificate;
import dev.hanse.raft.log.LogLockedException;
import dev.hanse.store.Snapshot;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a member takes up the part again that it had when its daemon was stopped. */
final class Returning {
  private static final Logger LOG = LoggerFactory.getLogger(Returning.class);

  private final Ground ground;
  private final SwarmFiles files;
  private final InstantSource clock;
  private final Participation participation;
  private final SecureRandom random = new SecureRandom();

  Returning(Ground ground, Participation participation) {
    this.ground = ground;
    this.files = ground.files();
    this.clock = ground.clock();
    this.participation = participation;
  }

  /**
   * The part that the node had; empty if it had none.
   *
   * @param nodeAddress what the daemon is told to advertise now
   * @throws IOException if the state on disk cannot be used; the message names the file
   */
  Optional<SwarmState> state(Optional<String> nodeAddress) throws IOException {
    files.create();
    Optional<SwarmState> state = files.load();
    if (state.isEmpty()) {
      files.clear();
      return state;
    }
    SwarmState now = SwarmAddresses.again(state.get(), nodeAddress);
    if (!now.equals(state.get())) {
      LOG.info("this node is at {} now", now.advertiseAddress());
      files.save(now);
    }
    return Optional.of(now);
  }

  /**
   * Takes it up.
   *
   * @param unlockKey of a locked swarm
   * @throws IdentityException LOCKED without the right key, EXPIRED if the certificate's life is
   *     over
   * @throws IOException if the state on disk cannot be used; the message names the file
   */
  SwarmPart resume(SwarmState state, Optional<UnlockKey> unlockKey)
      throws IOException, IdentityException, InterruptedException {
    requireKey(state, unlockKey);
    NodeIdentity identity =
        files
            .certificates()
            .load(clock.instant(), unlockKey)
            .orElseThrow(
                () ->
                    new IOException(
                        "the node's certificate is missing in "
                            + files.certificateDirectory()
                            + ". Put a copy back, or move the directory above away and join the"
                            + " swarm anew"));
    TlsCredentials credentials = new TlsCredentials(identity, files.certificates(), clock);
    Optional<Manager> manager = Optional.empty();
    if (identity.role() == Role.MANAGER && state.manager()) {
      manager = Optional.of(open(state, credentials, unlockKey));
    }
    return participation.take(state, credentials, manager);
  }

  /** While a lock is being put on, the log's keys are locked before the node's own key is. */
  private void requireKey(SwarmState state, Optional<UnlockKey> unlockKey)
      throws IOException, IdentityException {
    if (state.manager() && unlockKey.isEmpty() && ground.manager(state).isLocked()) {
      throw new IdentityException(
          IdentityException.Reason.LOCKED, "the log of this manager is locked");
    }
  }

  private Manager open(SwarmState state, TlsCredentials credentials, Optional<UnlockKey> unlockKey)
      throws IOException, IdentityException {
    if (!files.hasLog()) {
      throw new IOException(
          "the manager's log is missing: "
              + files.log()
              + "; remove "
              + files.certificateDirectory().getParent()
              + " and join the swarm again");
    }
    try {
      return Manager.open(ground.manager(state), credentials, unlockKey);
    } catch (ManagerStartException fault) {
      if (fault.getCause() instanceof LogLockedException) {
        throw new IdentityException(
            IdentityException.Reason.LOCKED,
            "swarm could not be unlocked: invalid key provided",
            fault);
      }
      throw new IOException(fault.getMessage(), fault);
    }
  }

  /**
   * The member when its certificate's life is over: the managers know this node by its key, and a
   * manager can renew its certificate by the state in its own log.
   *
   * @param others the managers that are known, without this node
   * @throws IdentityException if nothing can be done with what is on disk
   */
  ExpiredMember expired(
      SwarmState state, Supplier<List<String>> others, Optional<UnlockKey> unlockKey)
      throws IOException, IdentityException {
    NodeIdentity outdated = files.certificates().loadExpired(unlockKey).orElseThrow();
    boolean hasState = outdated.role() == Role.MANAGER && state.manager();
    return new ExpiredMember(
        ground.health(),
        outdated,
        others,
        hasState
            ? () -> Optional.of(renewed(state, outdated, unlockKey))
            : LateRenewal.OwnSource.NONE,
        clock,
        random);
  }

  private NodeIdentity renewed(
      SwarmState state, NodeIdentity outdated, Optional<UnlockKey> unlockKey)
      throws IOException, IdentityException, InterruptedException {
    Snapshot saved = Manager.saved(ground.manager(state), outdated.nodeId(), unlockKey);
    TlsCredentials credentials = new TlsCredentials(outdated, files.certificates(), clock);
    return OwnCertificate.renew(saved, credentials, clock, random);
  }
}
