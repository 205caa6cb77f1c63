package dev.hanse.raft;

import dev.hanse.raft.TestCluster.Node;
import dev.hanse.raft.log.LogDirectory;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/**
 * Measures the log with one and with three members in one process: how long until the next write is
 * acknowledged after a leader was killed, and how fast entries of 1 KiB go in. Run {@code main},
 * with a directory on the disk to measure as the only argument.
 */
final class ClusterBenchmark {
  private static final int KILLS = 20;
  private static final int SINGLE = 300;
  private static final int MANY = 5_000;
  private static final int IN_FLIGHT = 64;
  private static final byte[] ENTRY = new byte[1024];

  private ClusterBenchmark() {}

  public static void main(String[] arguments) throws Exception {
    PrintStream out = System.out;
    Path parent = Files.createTempDirectory(Path.of(arguments[0]), "cluster");
    for (int members : new int[] {1, 3}) {
      try (TestCluster cluster = TestCluster.of(members, parent.resolve("m" + members))) {
        rates(cluster, members, out);
        if (members > 1) {
          kills(cluster, out);
        }
      }
    }
    LogDirectory.delete(parent);
    System.exit(0);
  }

  private static void rates(TestCluster cluster, int members, PrintStream out) throws Exception {
    RatisLog log = cluster.leader().log();
    for (int i = 0; i < SINGLE; i++) {
      log.propose(ENTRY).get(); // Warms up.
    }
    long[] nanos = new long[SINGLE];
    for (int i = 0; i < SINGLE; i++) {
      long begin = System.nanoTime();
      log.propose(ENTRY).get();
      nanos[i] = System.nanoTime() - begin;
    }
    Arrays.sort(nanos);
    out.printf(
        "%d members, one at a time: median %.2f ms, 99 %% %.2f ms%n",
        members, nanos[SINGLE / 2] / 1e6, nanos[SINGLE * 99 / 100] / 1e6);
    Semaphore flying = new Semaphore(IN_FLIGHT);
    long begin = System.nanoTime();
    CompletableFuture<Long> last = CompletableFuture.completedFuture(0L);
    for (int i = 0; i < MANY; i++) {
      flying.acquire();
      last = log.propose(ENTRY).whenComplete((index, error) -> flying.release());
    }
    last.get();
    out.printf(
        "%d members, %d in flight: %.0f entries/s%n",
        members, IN_FLIGHT, MANY / ((System.nanoTime() - begin) / 1e9));
  }

  private static void kills(TestCluster cluster, PrintStream out) throws Exception {
    long[] nanos = new long[KILLS];
    for (int i = 0; i < KILLS; i++) {
      cluster.write("before " + i);
      cluster.awaitAll("before " + i);
      Node leader = cluster.leader();
      long begin = System.nanoTime();
      Thread closing = leader.vanish();
      cluster.write("after " + i);
      nanos[i] = System.nanoTime() - begin;
      closing.join();
      cluster.network().heal();
      leader.start();
      cluster.write("back " + i);
      cluster.awaitAll("back " + i);
    }
    Arrays.sort(nanos);
    out.printf(
        "leader killed to next acknowledged write, %d times: least %.0f ms, median %.0f ms, 90 %%"
            + " %.0f ms, most %.0f ms%n",
        KILLS,
        nanos[0] / 1e6,
        nanos[KILLS / 2] / 1e6,
        nanos[KILLS * 9 / 10] / 1e6,
        nanos[KILLS - 1] / 1e6);
  }
}
