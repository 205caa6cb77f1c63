package dev.hanse.agent.gossip;

import dev.hanse.gossip.GossipView;
import dev.hanse.gossip.MemberState;
import dev.hanse.health.Health;
import dev.hanse.health.LivedTime;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's part in the gossip, for the rest of the daemon. It exists whether or not the node is
 * in a swarm; only while it is in one it has sockets and a thread.
 *
 * <p>All methods may be called from any thread.
 */
public final class GossipLoop implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(GossipLoop.class);

  private final Health health;
  private final GossipSettings settings;
  private final List<Consumer<GossipView>> subscribers = new CopyOnWriteArrayList<>();
  private final Object publishing = new Object();
  private volatile GossipView view = GossipView.EMPTY;
  private @Nullable GossipNode node;

  private GossipLoop(Health health, GossipSettings settings) {
    this.health = health;
    this.settings = settings;
  }

  /**
   * Starts outside of any swarm.
   *
   * @param health what its threads report to
   */
  public static GossipLoop start(Health health, GossipSettings settings) {
    return new GossipLoop(health, settings);
  }

  /**
   * Listens, and begins to gossip as soon as there is a key; instead of an earlier membership.
   *
   * @param seeds gossip addresses ({@code IP:PORT}) of other nodes, usually all managers
   * @param keys the first seals, all open; may be empty until {@link #keys} is called
   * @throws GossipPortException when the port cannot be had: before anything else was done
   */
  public synchronized void join(GossipIdentity self, List<String> seeds, List<GossipKey> keys)
      throws IOException {
    end(MemberState.AWAY);
    GossipPorts ports = GossipPorts.open(self.listen(), self.port());
    try {
      GossipNode fresh =
          new GossipNode(
              health, LivedTime.ofProcess(), settings, self, ports, seeds, keys, this::publish);
      node = fresh;
      fresh.start();
    } catch (IOException | RuntimeException fault) {
      ports.close();
      throw fault;
    }
  }

  /**
   * Replaces the keys: the first seals from now on, all open. When keys are rotated the new one
   * should first come to all nodes behind the present one, then before it, and then the old one can
   * go. Nothing happens outside of a swarm.
   */
  public synchronized void keys(List<GossipKey> keys) {
    GossipNode present = node;
    if (present != null) {
      present.keys(keys);
    }
  }

  /** Replaces the addresses by which a node that sees nobody looks for the others. */
  public synchronized void seeds(List<String> seeds) {
    GossipNode present = node;
    if (present != null) {
      present.seeds(List.copyOf(seeds));
    }
  }

  /** Says that this node leaves the swarm, and closes the sockets. */
  public synchronized void leave() {
    end(MemberState.LEFT);
  }

  /** Says that this daemon stops and will come back, and closes the sockets. */
  @Override
  public synchronized void close() {
    end(MemberState.AWAY);
  }

  private void end(MemberState how) {
    GossipNode present = node;
    node = null;
    if (present != null) {
      present.end(how);
      publish(GossipView.EMPTY);
    }
  }

  /** What this node thinks of all nodes, itself included; empty outside of a swarm. */
  public GossipView view() {
    return view;
  }

  /**
   * Calls with the present view, then with each new one, in their order.
   *
   * @param subscriber must neither block nor call back
   * @return ends the subscription
   */
  public Runnable subscribe(Consumer<GossipView> subscriber) {
    synchronized (publishing) {
      subscribers.add(subscriber);
      subscriber.accept(view);
    }
    return () -> subscribers.remove(subscriber);
  }

  private void publish(GossipView fresh) {
    synchronized (publishing) {
      view = fresh;
      for (Consumer<GossipView> subscriber : subscribers) {
        try {
          subscriber.accept(fresh);
        } catch (RuntimeException | Error fault) {
          log.error("a reader of the gossip's view has failed", fault); // The others go on.
        }
      }
    }
  }

  /** What came and went since this node joined; empty outside of a swarm. */
  public synchronized Optional<GossipTraffic> traffic() {
    return Optional.ofNullable(node).map(GossipNode::traffic);
  }
}
