package dev.hanse.node;

import dev.hanse.identity.Backoff;
import dev.hanse.identity.IdentityException;
import dev.hanse.identity.LateRenewal;
import dev.hanse.identity.NodeIdentity;
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

  private final NodeIdentity expired;
  private final LateRenewal renewal;
  private final InstantSource clock;
  private final RandomGenerator random;
  private Optional<Thread> thread = Optional.empty();

  /**
   * Asks nobody yet.
   *
   * @param managers addresses, asked for anew in each round
   * @param own what a manager has
   */
  ExpiredMember(
      NodeIdentity expired,
      Supplier<List<String>> managers,
      LateRenewal.OwnSource own,
      InstantSource clock,
      RandomGenerator random) {
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
    thread =
        Optional.of(Thread.ofVirtual().name("expired-member").start(() -> run(renewed, refused)));
  }

  private void run(Consumer<NodeIdentity> renewed, Consumer<String> refused) {
    Duration pause = PAUSE_FIRST;
    try {
      Optional<NodeIdentity> another = ask();
      while (another.isEmpty()) {
        // At random, since nodes whose swarm was off as a whole come back together.
        Thread.sleep(pause.multipliedBy(50 + random.nextInt(51)).dividedBy(100));
        pause = Backoff.longer(pause, PAUSE_LAST);
        another = ask();
      }
      renewed.accept(another.get());
    } catch (IdentityException never) {
      refused.accept(String.valueOf(never.getMessage()));
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
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
    thread.ifPresent(Thread::interrupt);
  }
}
