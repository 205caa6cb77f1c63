package dev.hanse.raft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.raft.TestCluster.Node;
import dev.hanse.raft.log.SnapshotPolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Five members on a bad network, killed, cut off and handed over at random while entries are
 * written. What was acknowledged is there at the end, everywhere, in one order.
 */
final class FaultsTest {
  private static final int ROUNDS = 4;
  private static final int ENTRIES_PER_ROUND = 20;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void nothingAcknowledgedIsLost(long seed) throws Exception {
    Random random = new Random(seed);
    Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
    try (TestCluster cluster = TestCluster.of(5, directory, new SnapshotPolicy(150, 0))) {
      cluster.network().faults(5, 5, 8);
      for (int round = 1; round <= ROUNDS; round++) {
        int number = round;
        CountDownLatch half = new CountDownLatch(ENTRIES_PER_ROUND / 2);
        Thread writer = Thread.ofVirtual().start(() -> write(cluster, number, acknowledged, half));
        assertThat(half.await(120, TimeUnit.SECONDS)).isTrue();
        disturb(cluster, random);
        writer.join();
        for (int i = 1; i <= 5; i++) {
          Node node = cluster.node("m" + i);
          if (!node.running() && random.nextBoolean()) {
            node.start();
          }
        }
        cluster.network().heal();
      }
      cluster.network().faults(0, 0, 0);
      for (int i = 1; i <= 5; i++) {
        if (!cluster.node("m" + i).running()) {
          cluster.node("m" + i).start();
        }
      }
      cluster.write("the end");
      cluster.awaitAll("the end");
      List<String> entries = cluster.leader().state().entries();
      assertThat(entries).containsAll(acknowledged);
      assertThat(acknowledged).hasSize(ROUNDS * ENTRIES_PER_ROUND);
    }
  }

  private static void disturb(TestCluster cluster, Random random) throws Exception {
    List<Node> running = cluster.running();
    Node one = running.get(random.nextInt(running.size()));
    switch (random.nextInt(4)) {
      case 0 -> {
        if (running.size() > 3) {
          one.kill();
        }
      }
      case 1 -> {
        Node leader = cluster.leader();
        if (running.size() > 3) {
          leader.kill();
        }
      }
      case 2 -> {
        if (running.size() > 3) {
          cluster.network().cutOff(Set.of(one.id));
        }
      }
      default -> {
        try {
          cluster.leader().log().transferLeadership().get(10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
          assertThat(e).hasCauseInstanceOf(LogUnavailableException.class);
        }
      }
    }
  }

  /** Each entry until it is acknowledged; so it may be there twice. */
  private static void write(
      TestCluster cluster, int round, Queue<String> acknowledged, CountDownLatch half) {
    for (int i = 0; i < ENTRIES_PER_ROUND; i++) {
      String entry = round + "." + i;
      while (!accepted(cluster, entry)) {
        Thread.onSpinWait();
      }
      acknowledged.add(entry);
      half.countDown();
    }
  }

  private static boolean accepted(TestCluster cluster, String entry) {
    for (Node node : cluster.running()) {
      try {
        RatisLog log = node.log();
        if (log.isLeader()) {
          log.propose(TestCluster.bytes(entry)).get(5, TimeUnit.SECONDS);
          return true;
        }
      } catch (AssertionError | ExecutionException | TimeoutException e) {
        // Killed meanwhile, or not acknowledged: again.
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    java.util.concurrent.locks.LockSupport.parkNanos(2_000_000);
    return false;
  }
}
