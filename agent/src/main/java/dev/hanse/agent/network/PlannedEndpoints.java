package dev.hanse.agent.network;

import dev.hanse.endpoints.AppliedTable;
import dev.hanse.endpoints.Attempt;
import dev.hanse.endpoints.EndpointTable;
import dev.hanse.gossip.GossipView;
import dev.hanse.model.EndpointsMessage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The endpoint table as the manager sent it and the nodes that gossip says do not answer, and what
 * of both is planned with: they differ during a pause. Of the loop's thread alone.
 */
final class PlannedEndpoints {
  private static final Logger log = LoggerFactory.getLogger(PlannedEndpoints.class);

  private final InstantSource clock = InstantSource.system();
  private final Pace pace = new Pace(System.nanoTime());
  private AppliedTable received = AppliedTable.none();
  private AppliedTable table = AppliedTable.none();
  private Optional<String> refusal = Optional.empty();
  private GossipView view = GossipView.EMPTY;
  private String self = "";
  private Set<String> avoided = Set.of();
  private EndpointTable planned = EndpointTable.empty();
  private boolean acknowledged = true;
  private Optional<LongConsumer> acknowledgement = Optional.empty();

  /** Begins with what an earlier run kept; says why it cannot. */
  Optional<String> adopt(EndpointsMessage kept) {
    return switch (AppliedTable.none().apply(kept)) {
      case Attempt.Done<AppliedTable>(AppliedTable whole) -> {
        table = whole;
        received = table;
        planned = table.table();
        yield Optional.empty();
      }
      case Attempt.Refused<AppliedTable>(String reason) -> Optional.of(reason);
    };
  }

  /**
   * Takes a message, or refuses it as a whole and says why. What follows a refused one was made for
   * a table that is not here: only a complete one is taken then.
   */
  Optional<String> receive(EndpointsMessage message, LongConsumer accepted) {
    if (refusal.isPresent() && message.getType() != EndpointsMessage.Type.COMPLETE) {
      return refusal;
    }
    refusal =
        switch (received.apply(message)) {
          case Attempt.Done<AppliedTable>(AppliedTable next) -> {
            received = next;
            acknowledgement = Optional.of(accepted);
            yield Optional.empty();
          }
          case Attempt.Refused<AppliedTable>(String reason) -> Optional.of(reason);
        };
    return refusal;
  }

  /** Why the last message was refused; empty when it was not. */
  Optional<String> refusal() {
    return refusal;
  }

  /**
   * Takes what gossip says of the nodes.
   *
   * @param nodeId this node's id; empty outside of a swarm
   */
  void listen(GossipView heard, String nodeId) {
    view = heard;
    self = nodeId;
  }

  /** There are no entries any more. */
  void forget() {
    received = AppliedTable.none();
    refusal = Optional.empty();
    acknowledgement = Optional.empty();
  }

  /** How long to wait for what changes by itself; empty when nothing does. */
  Optional<Duration> pause() {
    Instant now = clock.instant();
    Silence silence = Silence.of(view, self, now);
    return waits(silence)
        ? Optional.of(atLeastZero(Duration.ofNanos(pace.left(System.nanoTime()))))
        : silence.next().map(next -> atLeastZero(Duration.between(now, next)));
  }

  private static Duration atLeastZero(Duration duration) {
    return duration.isNegative() ? Duration.ZERO : duration;
  }

  @SuppressWarnings("ReferenceEquality") // each message makes another table
  private boolean waits(Silence silence) {
    return received != table || !silence.nodeIds().equals(avoided);
  }

  /**
   * Takes what waits into the plan, if its time has come.
   *
   * @param atOnce not to wait for it
   * @return whether there is something new to plan with
   */
  @SuppressWarnings("ReferenceEquality")
  boolean advance(boolean atOnce, long now) {
    Silence silence = Silence.of(view, self, clock.instant());
    if (!waits(silence) || (!atOnce && pace.left(now) > 0)) {
      return false;
    }
    acknowledged &= received == table;
    table = received;
    if (!silence.nodeIds().equals(avoided)) {
      avoided = silence.nodeIds();
      log.info("nodes that do not answer: {}", avoided.isEmpty() ? "none" : avoided);
    }
    planned = table.table().avoiding(avoided);
    return true;
  }

  /** Tells how long it took to apply the last advance. */
  void worked(long start, long end) {
    pace.worked(start, end);
  }

  /** What to plan with. */
  EndpointTable planned() {
    return planned;
  }

  /**
   * Acknowledges what is planned with: it is applied.
   *
   * @return the table to keep for a restart, when it was not acknowledged before
   */
  Optional<AppliedTable> acknowledge() {
    if (acknowledged) {
      return Optional.empty();
    }
    acknowledged = true;
    acknowledgement.ifPresent(accepted -> accepted.accept(table.index()));
    return Optional.of(table);
  }
}
