package dev.hanse.node;

import dev.hanse.identity.IdentityException;
import dev.hanse.identity.NodeIdentity;
import dev.hanse.identity.Role;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.UnlockKey;
import dev.hanse.manager.Manager;
import dev.hanse.manager.ManagerStartException;
import dev.hanse.manager.OwnCertificate;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a member takes up the part again that it had when its daemon was stopped. */
final class Returning {
  private static final Logger LOG = LoggerFactory.getLogger(Returning.class);

  private final SwarmFiles files;
  private final InstantSource clock;
  private final Participation participation;

  Returning(SwarmFiles files, InstantSource clock, Participation participation) {
    this.files = files;
    this.clock = clock;
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
      // A start that was broken off in the middle of swarm init or join leaves no membership.
      files.erase();
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
    NodeIdentity identity =
        files
            .certificates()
            .load(clock.instant(), unlockKey)
            .orElseThrow(
                () ->
                    new IOException(
                        "the node's certificate is missing in " + files.certificateDirectory()));
    TlsCredentials credentials = new TlsCredentials(identity, files.certificates(), clock);
    Optional<Manager> manager = Optional.empty();
    if (identity.role() == Role.MANAGER && state.manager()) {
      manager = Optional.of(open(state, credentials, unlockKey));
    }
    return participation.take(state, credentials, manager);
  }

  private Manager open(SwarmState state, TlsCredentials credentials, Optional<UnlockKey> unlockKey)
      throws IOException {
    if (!files.hasLog()) {
      throw new IOException(
          "the manager's log is missing: "
              + files.log()
              + "; remove "
              + files.certificateDirectory().getParent()
              + " and join the swarm again");
    }
    try {
      return Manager.open(ManagerSeat.settings(files, state, clock), credentials, unlockKey);
    } catch (ManagerStartException fault) {
      throw new IOException(fault.getMessage(), fault);
    }
  }

  /**
   * Away for longer than its certificate lived: the managers know this node by its key. The only
   * manager gives itself another, and has then come back when this returns.
   *
   * @param others the managers that are known, without this node
   * @param renewed told of the new certificate, which is not saved yet
   * @param refused told why there will be none
   * @return who asks
   */
  Optional<ExpiredMember> askForAnother(
      SwarmState state,
      Supplier<List<String>> others,
      Consumer<NodeIdentity> renewed,
      Consumer<String> refused)
      throws IOException, InterruptedException {
    try {
      NodeIdentity outdated = files.certificates().loadExpired(Optional.empty()).orElseThrow();
      if (outdated.role() == Role.MANAGER && state.manager() && others.get().isEmpty()) {
        TlsCredentials credentials = new TlsCredentials(outdated, files.certificates(), clock);
        Manager manager = open(state, credentials, Optional.empty());
        OwnCertificate.renew(manager, clock);
        participation.take(state, credentials, Optional.of(manager));
        return Optional.empty();
      }
      return Optional.of(ExpiredMember.start(outdated, others, clock, renewed, refused));
    } catch (IdentityException unusable) {
      LOG.warn("nor can it ask for another certificate: {}", unusable.getMessage());
      return Optional.empty();
    }
  }
}
