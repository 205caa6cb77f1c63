package dev.hanse.manager.members;

import dev.hanse.raft.log.Member;
import dev.hanse.raft.peer.PeerTransport;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Remembers which managers have answered lately. The leader of the log calls each of them several
 * times a second, so nobody needs to be asked for this alone.
 */
public final class Contacts implements PeerTransport {
  /** Who has not answered for so long is unreachable. */
  static final Duration SILENCE_MAX = Duration.ofSeconds(2);

  private final PeerTransport transport;
  private final LongSupplier nanoTime;
  private final Map<String, Long> answered = new ConcurrentHashMap<>();

  /** Contacts by way of another transport. */
  public Contacts(PeerTransport transport) {
    this(transport, System::nanoTime);
  }

  Contacts(PeerTransport transport, LongSupplier nanoTime) {
    this.transport = transport;
    this.nanoTime = nanoTime;
  }

  @Override
  public byte[] call(Member to, byte[] request, Duration timeout) throws IOException {
    byte[] answer = transport.call(to, request, timeout);
    answered.put(to.nodeId(), nanoTime.getAsLong());
    return answer;
  }

  /** Before a new leader has called everybody, all count as reachable: from now on. */
  Observation begin() {
    return new Observation(nanoTime.getAsLong());
  }

  /** What is known since a leader has begun to call. */
  final class Observation {
    private final long sinceNanos;

    private Observation(long sinceNanos) {
      this.sinceNanos = sinceNanos;
    }

    /** Those of the members that have answered lately. */
    Set<String> reachable(Collection<Member> members) {
      long now = nanoTime.getAsLong();
      Set<String> found = new HashSet<>();
      for (Member member : members) {
        long last = answered.getOrDefault(member.nodeId(), sinceNanos);
        long heard = last - sinceNanos > 0 ? last : sinceNanos;
        if (now - heard < SILENCE_MAX.toNanos()) {
          found.add(member.nodeId());
        }
      }
      return found;
    }
  }
}
