package dev.hanse.raft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.health.Health;
import dev.hanse.raft.log.LogKeys;
import dev.hanse.raft.log.LogSettings;
import dev.hanse.raft.log.Member;
import dev.hanse.raft.log.SnapshotPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Several logs in one process, each with a directory of its own. */
public final class TestCluster implements AutoCloseable {
  /** One member, running or not. */
  final class Node {
    final String id;
    private final Path directory;
    private Member self;
    private MemoryState state = new MemoryState();
    private @Nullable RatisLog log;

    Node(String id) {
      this.id = id;
      this.directory = parent.resolve(id);
      this.self = new Member(id, id + ":2377");
    }

    Path directory() {
      return directory;
    }

    Member self() {
      return self;
    }

    MemoryState state() {
      return state;
    }

    RatisLog log() {
      if (log == null) {
        throw new AssertionError(id + " does not run");
      }
      return log;
    }

    boolean running() {
      return log != null;
    }

    LogSettings settings(LogSettings.Start start) throws IOException {
      LogKeys keys = LogKeys.load(directory.resolve("keys"), Optional.empty());
      return LogSettings.of(directory, self, start, keys, new Health()).withSnapshots(policy);
    }

    void start(LogSettings.Start start) throws IOException {
      state = new MemoryState();
      RatisLog opened = RatisLog.open(settings(start), state, network.from(id));
      log = opened;
      network.attach(self, opened);
    }

    void start() throws IOException {
      start(LogSettings.Start.RESUME_OR_FOUND);
    }

    /** Its last messages do not get out, as when its process is killed. */
    void kill() throws InterruptedException {
      vanish().join();
      network.heal();
    }

    /** From now on it does not speak nor hear; returns what closes it behind the scenes. */
    Thread vanish() {
      network.detach(self.address());
      network.cutOff(Set.of(id));
      RatisLog closing = log();
      log = null;
      return Thread.ofVirtual().start(closing::close);
    }

    void moveTo(String address) {
      self = new Member(id, address);
    }
  }

  private final Path parent;
  private final TestNetwork network;
  private final SnapshotPolicy policy;
  private final Map<String, Node> nodes = new TreeMap<>();

  TestCluster(Path parent, long seed, SnapshotPolicy policy) {
    this.parent = parent;
    this.network = new TestNetwork(seed);
    this.policy = policy;
  }

  /** Founds a group with the first and lets the others join. */
  static TestCluster of(int members, Path parent, SnapshotPolicy policy) throws Exception {
    TestCluster cluster = new TestCluster(parent, 1, policy);
    Node first = cluster.node("m1");
    first.start();
    for (int i = 2; i <= members; i++) {
      cluster.join("m" + i);
    }
    return cluster;
  }

  static TestCluster of(int members, Path parent) throws Exception {
    return of(members, parent, SnapshotPolicy.DEFAULT);
  }

  TestNetwork network() {
    return network;
  }

  Node node(String id) {
    return nodes.computeIfAbsent(id, Node::new);
  }

  Node join(String id) throws Exception {
    return takeIn(node(id), LogSettings.Start.JOIN);
  }

  /** Starts a node if it does not run, and makes it a member. */
  Node takeIn(Node node, LogSettings.Start start) throws Exception {
    if (!node.running()) {
      node.start(start);
    }
    Await.until(
        node.id + " is a member",
        () -> {
          try {
            leader().log().addMember(node.self()).get(60, TimeUnit.SECONDS);
            return true;
          } catch (ExecutionException e) {
            // The leader has changed meanwhile, as it may on a machine with much else to do.
            assertThat(e).hasCauseInstanceOf(LogUnavailableException.class);
            return false;
          }
        });
    return node;
  }

  List<Node> running() {
    return nodes.values().stream().filter(Node::running).toList();
  }

  /** The running member that leads and is not cut off. */
  Node leader() throws Exception {
    List<Node> found = new ArrayList<>();
    Await.until(
        "a leader",
        () -> {
          found.clear();
          running().stream().filter(node -> node.log().isLeader()).forEach(found::add);
          return found.size() == 1;
        });
    return found.getFirst();
  }

  Node follower() throws Exception {
    Node leader = leader();
    return running().stream().filter(node -> node != leader).findFirst().orElseThrow();
  }

  /** Writes through whoever leads, again and again until it is acknowledged. */
  void write(String entry) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (System.nanoTime() < end) {
      for (Node node : running()) {
        try {
          if (node.log().isLeader()) {
            node.log().propose(bytes(entry)).get(5, TimeUnit.SECONDS);
            return;
          }
        } catch (ExecutionException e) {
          assertThat(e).hasCauseInstanceOf(LogUnavailableException.class);
        } catch (TimeoutException e) {
          // Perhaps it is written, perhaps not; written twice does no harm in these tests.
        }
      }
      java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
    }
    throw new AssertionError("not accepted within 60 s: " + entry);
  }

  /** Waits until all running members have applied the same entries, with this one as the last. */
  void awaitAll(String last) throws Exception {
    for (Node node : running()) {
      Await.until(
          node.id + " has " + last,
          () -> !node.state().entries().isEmpty() && node.state().entries().getLast().equals(last));
    }
    List<String> entries = running().getFirst().state().entries();
    for (Node node : running()) {
      assertThat(node.state().entries()).as(node.id).isEqualTo(entries);
    }
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    for (Node node : running()) {
      node.log().close();
    }
  }
}
