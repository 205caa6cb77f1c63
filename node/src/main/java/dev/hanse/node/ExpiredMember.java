package dev.hanse.node;

import dev.hanse.identity.Enrollment;
import dev.hanse.identity.IdentityException;
import dev.hanse.identity.NodeIdentity;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member whose certificate expired while it was away: asks the managers that it knows, one after
 * the other, until one of them gives it another certificate or says that it never will.
 */
final class ExpiredMember implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ExpiredMember.class);
  private static final Duration PAUSE_FIRST = Duration.ofSeconds(1);
  private static final Duration PAUSE_LAST = Duration.ofSeconds(30);

  private final NodeIdentity expired;
  private final Supplier<List<String>> managers;
  private final Enrollment enrollment;
  private final Consumer<NodeIdentity> renewed;
  private final Consumer<String> refused;
  private final Thread thread = Thread.ofVirtual().name("expired-member").unstarted(this::run);

  private ExpiredMember(
      NodeIdentity expired,
      Supplier<List<String>> managers,
      InstantSource clock,
      Consumer<NodeIdentity> renewed,
      Consumer<String> refused) {
    this.expired = expired;
    this.managers = managers;
    this.enrollment = new Enrollment(clock);
    this.renewed = renewed;
    this.refused = refused;
  }

  /**
   * Begins to ask.
   *
   * @param managers addresses, asked for anew in each round
   * @param renewed told of the new certificate, which is not saved yet
   * @param refused told why there will be none
   */
  static ExpiredMember start(
      NodeIdentity expired,
      Supplier<List<String>> managers,
      InstantSource clock,
      Consumer<NodeIdentity> renewed,
      Consumer<String> refused) {
    ExpiredMember member = new ExpiredMember(expired, managers, clock, renewed, refused);
    member.thread.start();
    return member;
  }

  private void run() {
    Duration pause = PAUSE_FIRST;
    try {
      while (!isSettled()) {
        Thread.sleep(pause);
        pause =
            pause.multipliedBy(2).compareTo(PAUSE_LAST) < 0 ? pause.multipliedBy(2) : PAUSE_LAST;
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  /** One round. */
  private boolean isSettled() throws InterruptedException {
    for (String manager : managers.get()) {
      try {
        NodeIdentity identity = enrollment.reenroll(manager, expired);
        LOG.info("the expired certificate has been replaced by {}", manager);
        renewed.accept(identity);
        return true;
      } catch (IdentityException failure) {
        LOG.warn("no new certificate from {}: {}", manager, failure.getMessage());
        if (failure.reason() == IdentityException.Reason.REFUSED) {
          refused.accept(String.valueOf(failure.getMessage()));
          return true;
        }
      } catch (IllegalArgumentException badAddress) {
        LOG.warn("not a manager's address: {}", badAddress.getMessage());
      }
    }
    return false;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
