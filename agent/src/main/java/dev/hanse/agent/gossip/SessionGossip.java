package dev.hanse.agent.gossip;

import dev.hanse.model.EncryptionKey;
import dev.hanse.model.SessionMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the gossip to what the managers say in sessions: which keys are in use, and where to look
 * for other nodes. One session's thread at a time calls it.
 */
public final class SessionGossip {
  private static final Logger log = LoggerFactory.getLogger(SessionGossip.class);
  private static final String SUBSYSTEM = "networking:gossip";

  private final GossipLoop loop;
  private final GossipIdentity self;
  private boolean joined;
  private List<GossipKey> keys = List.of();
  private List<String> seeds = List.of();

  /** Does nothing before the first message with keys. */
  public SessionGossip(GossipLoop loop, GossipIdentity self) {
    this.loop = loop;
    this.self = self;
  }

  /**
   * Takes a message of a session. Without the port there is no gossip, until a later message finds
   * the port free: the node is a node all the same.
   */
  public synchronized void accept(SessionMessage message) {
    List<GossipKey> newKeys = keys(message.getNetworkBootstrapKeysList());
    List<String> newSeeds =
        message.getManagersList().stream()
            .flatMap(manager -> seed(manager.getPeer().getAddr()).stream())
            .filter(address -> !address.equals(self.address()))
            .toList();
    if (newKeys.isEmpty()) {
      return;
    }
    if (!joined) {
      joined = join(newSeeds, newKeys);
    } else {
      follow(newSeeds, newKeys);
    }
    keys = newKeys;
    seeds = newSeeds;
  }

  private boolean join(List<String> newSeeds, List<GossipKey> newKeys) {
    try {
      loop.join(self, newSeeds, newKeys);
      return true;
    } catch (IOException fault) {
      log.warn(
          "cannot gossip with the other nodes, so dead nodes are noticed by missing heartbeats only:"
              + " {}",
          fault.getMessage());
      return false;
    }
  }

  private void follow(List<String> newSeeds, List<GossipKey> newKeys) {
    if (!newKeys.equals(keys)) {
      loop.keys(newKeys);
    }
    if (!newSeeds.equals(seeds)) {
      loop.seeds(newSeeds);
    }
  }

  /**
   * The keys of the ring, the one to seal with first. That is the second newest: the newest may not
   * have come to all nodes yet. A key that this version cannot use is passed over.
   */
  static List<GossipKey> keys(List<EncryptionKey> ring) {
    List<GossipKey> usable = new ArrayList<>();
    ring.stream()
        .filter(key -> key.getSubsystem().equals(SUBSYSTEM))
        .filter(key -> key.getAlgorithm() == EncryptionKey.Algorithm.AES_128_GCM)
        .filter(key -> key.getKey().size() == 16)
        .sorted((one, other) -> Long.compareUnsigned(other.getLamportTime(), one.getLamportTime()))
        .forEach(key -> usable.add(GossipKey.of(key.getKey().toByteArray())));
    if (usable.size() > 1) {
      usable.addFirst(usable.remove(1));
    }
    return List.copyOf(usable);
  }

  /** Where a manager gossips: on its address, on the port that all nodes have. */
  private Optional<String> seed(String managerAddress) {
    int colon = managerAddress.lastIndexOf(':');
    String host = colon < 0 ? managerAddress : managerAddress.substring(0, colon);
    try {
      InetAddress literal = InetAddress.ofLiteral(host.replace("[", "").replace("]", ""));
      return Optional.of(Addresses.text(literal, self.port()));
    } catch (IllegalArgumentException noAddress) {
      log.debug("manager {} is no address to gossip with", managerAddress);
      return Optional.empty();
    }
  }
}
