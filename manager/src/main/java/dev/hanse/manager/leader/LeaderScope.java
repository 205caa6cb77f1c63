package dev.hanse.manager.leader;

import dev.hanse.control.Decision;
import dev.hanse.control.command.Command;
import dev.hanse.gossip.GossipView;
import dev.hanse.health.Health;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.manager.members.Contacts;
import dev.hanse.raft.ReplicatedLog;
import dev.hanse.store.Store;
import dev.hanse.text.Digits;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What a part of the leader may use.
 *
 * @param credentials who this manager's node is; renewed in place
 * @param advertised "HOST:PORT" under which the other nodes reach it
 * @param store the state
 * @param submit the way to write; refuses everything once the term is over
 * @param liveness what gossip says of the nodes now
 * @param log the members of the consensus group
 * @param contacts which of them have answered lately
 * @param clock the wall clock
 * @param random for ids, keys and the like
 * @param stopPatience as in the manager's settings
 * @param health what the leader's threads report to
 */
public record LeaderScope(
    TlsCredentials credentials,
    String advertised,
    Store store,
    Function<Command, CompletableFuture<Decision>> submit,
    Supplier<GossipView> liveness,
    ReplicatedLog log,
    Contacts contacts,
    InstantSource clock,
    SecureRandom random,
    Duration stopPatience,
    Health health) {
  private static final int PORT_DIGITS_MAX = 5;

  /** This manager's node. */
  public String nodeId() {
    return credentials.identity().nodeId();
  }

  /** The host of {@link #advertised}. */
  public String advertisedHost() {
    int colon = advertised.lastIndexOf(':');
    return colon >= 0 && Digits.are(advertised.substring(colon + 1), PORT_DIGITS_MAX)
        ? advertised.substring(0, colon)
        : advertised;
  }
}
