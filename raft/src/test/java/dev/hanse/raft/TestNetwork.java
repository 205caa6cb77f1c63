package dev.hanse.raft;

import dev.hanse.raft.log.Member;
import dev.hanse.raft.peer.PeerTransport;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Messages in memory that get lost, come late, come twice, or do not pass between two sides. */
final class TestNetwork {
  /** Who is reached at an address. */
  private record Station(String nodeId, RatisLog log) {}

  private final Map<String, Station> stations = new ConcurrentHashMap<>();
  private final Random random;
  private volatile Set<String> cutOff = Set.of();
  private volatile String late = "";
  private volatile int lateMs;
  private volatile int lossPercent;
  private volatile int duplicatePercent;
  private volatile int delayMsMax;

  TestNetwork(long seed) {
    random = new Random(seed);
  }

  void attach(Member member, RatisLog log) {
    stations.put(member.address(), new Station(member.nodeId(), log));
  }

  /** From now on calls are refused at once, as of a process that is gone. */
  void detach(String address) {
    stations.remove(address);
  }

  /** Nothing passes between these and the others; calls hang until their time is over. */
  void cutOff(Set<String> nodeIds) {
    cutOff = Set.copyOf(nodeIds);
  }

  void heal() {
    cutOff = Set.of();
  }

  /** All that this one sends comes so late, but in time for who waits for the answer. */
  void late(String nodeId, int milliseconds) {
    lateMs = milliseconds;
    late = nodeId;
  }

  void faults(int loss, int duplicates, int delayMs) {
    lossPercent = loss;
    duplicatePercent = duplicates;
    delayMsMax = delayMs;
  }

  PeerTransport from(String nodeId) {
    return (to, request, timeout) -> call(nodeId, to, request, timeout);
  }

  private byte[] call(String from, Member to, byte[] request, Duration timeout) throws IOException {
    long end = System.nanoTime() + timeout.toNanos();
    Station station = stations.get(to.address());
    if (station == null) {
      throw new IOException("connection refused: " + to.address());
    }
    delay();
    if (from.equals(late)) {
      sleep(lateMs);
    }
    if (lost(from, station.nodeId())) {
      hang(end);
    }
    if (happens(duplicatePercent)) {
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  delay();
                  station.log().receive(from, request);
                } catch (IOException e) {
                  // Nobody waits for it.
                }
              });
    }
    byte[] answer = station.log().receive(from, request);
    delay();
    if (lost(from, station.nodeId())) {
      hang(end);
    }
    return answer;
  }

  private boolean lost(String from, String to) {
    Set<String> apart = cutOff;
    return apart.contains(from) != apart.contains(to) || happens(lossPercent);
  }

  private static void hang(long end) throws IOException {
    try {
      var never = new CountDownLatch(1);
      if (never.await(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        throw new AssertionError();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new IOException("no answer in time");
  }

  private void delay() {
    int most = delayMsMax;
    if (most > 0) {
      int now;
      synchronized (random) {
        now = random.nextInt(most + 1);
      }
      sleep(now);
    }
  }

  private static void sleep(int milliseconds) {
    try {
      TimeUnit.MILLISECONDS.sleep(milliseconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean happens(int percent) {
    if (percent == 0) {
      return false;
    }
    synchronized (random) {
      return random.nextInt(100) < percent;
    }
  }
}
