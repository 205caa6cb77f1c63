package dev.hanse.node.membership;

import dev.hanse.health.Backoff;
import dev.hanse.health.Health;
import dev.hanse.health.Looks;
import dev.hanse.health.OwnerThread;
import dev.hanse.identity.LateRenewal;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.NodeIdentity;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member whose certificate expired while it was away: asks for another ({@link LateRenewal})
 * until it has one or is told that it never will.
 */
final class ExpiredMember implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ExpiredMember.class);
  private static final Duration PAUSE_FIRST = Duration.ofSeconds(1);
  private static final Duration PAUSE_LAST = Duration.ofSeconds(5);
  private static final Duration ROUND_MAX = Duration.ofMinutes(5);

  private final NodeIdentity expired;
  private final LateRenewal renewal;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Health health;
  private Optional<OwnerThread> thread = Optional.empty();

  /** Of the thread. */
  private Duration pause = PAUSE_FIRST;

  /**
   * Asks nobody yet.
   *
   * @param health what its thread reports to
   * @param managers addresses, asked for anew in each round
   * @param own what a manager has
   */
  ExpiredMember(
      Health health,
      NodeIdentity expired,
      Supplier<List<String>> managers,
      LateRenewal.OwnSource own,
      InstantSource clock,
      RandomGenerator random) {
    this.health = health;
    this.expired = expired;
    this.renewal = new LateRenewal(managers, own, clock);
    this.clock = clock;
    this.random = random;
  }

  /**
   * Asks until it is settled, on a thread of its own.
   *
   * @param renewed told of the new certificate, which is not saved yet
   * @param refused told why there will be none
   */
  synchronized void start(Consumer<NodeIdentity> renewed, Consumer<String> refused) {
    OwnerThread made =
        OwnerThread.named(health, "expired-member")
            .virtual()
            .stuckAfter(ROUND_MAX)
            .of(new Looks(() -> look(renewed, refused)));
    thread = Optional.of(made);
    made.start();
  }

  private Duration look(Consumer<NodeIdentity> renewed, Consumer<String> refused)
      throws InterruptedException {
    try {
      Optional<NodeIdentity> another = ask();
      if (another.isPresent()) {
        renewed.accept(another.get());
        settled();
      }
    } catch (IdentityException never) {
      refused.accept(String.valueOf(never.getMessage()));
      settled();
    }
    Duration longest = pause;
    pause = Backoff.longer(longest, PAUSE_LAST);
    // At random, since nodes whose swarm was off as a whole come back together.
    return longest.multipliedBy(50 + random.nextInt(51)).dividedBy(100);
  }

  private synchronized void settled() {
    thread.ifPresent(OwnerThread::endAfterTurn);
  }

  /**
   * One round.
   *
   * @return the new certificate, which is not saved yet; empty if it should be tried again later
   * @throws IdentityException if there will be none, with the managers' reason
   */
  Optional<NodeIdentity> ask() throws IdentityException, InterruptedException {
    if (expired.isValid(clock.instant())) {
      LOG.info("the certificate has not expired after all: the clock has been set");
      return Optional.of(expired);
    }
    return renewal.ask(expired);
  }

  @Override
  public synchronized void close() {
    thread.ifPresent(OwnerThread::interruptAndEnd);
  }
}
