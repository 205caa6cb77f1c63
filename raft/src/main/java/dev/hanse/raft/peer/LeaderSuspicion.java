package dev.hanse.raft.peer;

import dev.hanse.health.LivedTime;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A follower that has not heard of its leader for a while suspects it. On a busy machine the leader
 * may only be late, and an election then takes longer than what it is to mend. So before this
 * member asks the others whether it may lead, it asks the leader: a leader that has died refuses
 * the connection at once, one that answers is not replaced. And when another member asks, this one
 * does not say no because it has heard of the leader just before that died, but listens a moment
 * longer.
 */
public final class LeaderSuspicion {
  private static final Logger log = LoggerFactory.getLogger(LeaderSuspicion.class);

  /** How long the leader may take to answer; a round of votes takes longer. */
  private static final Duration PATIENCE = Duration.ofMillis(350);

  /** After that no leader is asked any more whether it is one. */
  private static final Duration FORGOTTEN = Duration.ofSeconds(5);

  private static final Duration SILENCE_MIN = Duration.ofMillis(RatisTuning.ELECTION_MS_MIN);

  /** How long the answer to another member is held back at most: two heartbeats are due in it. */
  private static final Duration LISTEN_MAX = Duration.ofMillis(2L * RatisTuning.HEARTBEAT_MS);

  private static final int LISTEN_POLL_MS = 10;

  /**
   * The leader as it was heard.
   *
   * @param at when, in lived time
   */
  private record Heard(String nodeId, long term, long at) {}

  private final LivedTime clock;
  private volatile Optional<Heard> heard = Optional.empty();

  /** The leader that has not answered, as it was heard last. */
  private volatile Optional<Heard> mute = Optional.empty();

  /** Asks a member whether it leads. */
  @FunctionalInterface
  interface Question {
    boolean leads(String nodeId, Duration patience) throws IOException;
  }

  LeaderSuspicion(LivedTime clock) {
    this.clock = clock;
  }

  /** A member has spoken as the leader of a term that is not over. */
  void heard(String nodeId, long term) {
    heard = Optional.of(new Heard(nodeId, term, clock.now()));
  }

  /** The leader of a term, if it was heard within the time. */
  public Optional<String> leader(long term, Duration within) {
    return heard
        .filter(leader -> leader.term() == term && silence(leader).compareTo(within) < 0)
        .map(Heard::nodeId);
  }

  private Duration silence(Heard leader) {
    return Duration.ofNanos(clock.now() - leader.at());
  }

  /**
   * Before a member is asked whether this one may stand for election. The leader itself may be
   * asked at any time.
   *
   * @throws IOException if there is a leader
   */
  void confirm(String asked, Question question) throws IOException {
    Optional<Heard> known = heard.filter(leader -> silence(leader).compareTo(FORGOTTEN) < 0);
    if (known.isEmpty() || known.get().nodeId().equals(asked)) {
      return;
    }
    Heard leader = known.get();
    if (silence(leader).compareTo(SILENCE_MIN) < 0) {
      throw new IOException(
          "manager " + leader.nodeId() + " is not late: this process has stood still");
    }
    if (mute.equals(known)) {
      return; // It was asked in an earlier round.
    }
    try {
      if (question.leads(leader.nodeId(), PATIENCE)) {
        throw new StillLeads(leader.nodeId());
      }
    } catch (StillLeads e) {
      log.info("manager {} is late but still leads: no election", leader.nodeId());
      throw e;
    } catch (IOException e) {
      log.info(
          "the leader, manager {}, does not answer: {}; asking for an election",
          leader.nodeId(),
          e.getMessage());
      mute = known;
    }
  }

  private static final class StillLeads extends IOException {
    private static final long serialVersionUID = 1;

    StillLeads(String nodeId) {
      super("manager " + nodeId + " is late, but leads");
    }
  }

  /** Before this member answers whether another one may stand for election; blocks for a moment. */
  void listen(String candidate) throws IOException {
    try {
      while (worthWaiting(candidate)) {
        TimeUnit.MILLISECONDS.sleep(LISTEN_POLL_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** If the leader lives its next word comes first, and there is not so long to wait any more. */
  private boolean worthWaiting(String candidate) {
    Optional<Heard> leader = heard.filter(known -> !known.nodeId().equals(candidate));
    if (leader.isEmpty()) {
      return false;
    }
    Duration left = SILENCE_MIN.minus(silence(leader.get())).plusMillis(LISTEN_POLL_MS);
    return left.isPositive() && left.compareTo(LISTEN_MAX) < 0;
  }
}
