package dev.hanse.identity;

import dev.hanse.health.Backoff;
import dev.hanse.health.Health;
import dev.hanse.health.OwnerThread;
import dev.hanse.health.Turn;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.NodeIdentity;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the node's certificate at a random moment between 50 and 80 % of its life, so that nodes
 * that joined together do not come together; failures are tried again with growing pauses. {@link
 * #renewNow} is for a changed role.
 *
 * <p>A certificate may be out of its life all the same: the machine was suspended, the clock was
 * set, no manager answered for weeks. Then nobody accepts it in TLS any more, and {@link
 * LateRenewal} comes before the renewal.
 */
public final class CertificateRenewal implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CertificateRenewal.class);
  private static final double EARLIEST = 0.5;
  private static final double LATEST = 0.8;
  private static final Duration RETRY_FIRST = Duration.ofSeconds(5);
  private static final Duration RETRY_LAST = Duration.ofHours(1);

  /** While the certificate is not valid the node is out of its swarm. */
  private static final Duration RETRY_LAST_LATE = Duration.ofSeconds(5);

  /** All managers, of which each may be silent. */
  private static final Duration ATTEMPT_MAX = Duration.ofMinutes(5);

  /** The wall clock may be set, and stands still for nobody: how often it is looked at. */
  private static final Duration LOOK = Duration.ofSeconds(2);

  private final TlsCredentials credentials;
  private final Supplier<List<String>> managers;
  private final LateRenewal late;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wake = lock.newCondition();
  private final OwnerThread thread;
  private boolean forced;

  /** The pause before the next attempt, until one has come to a good end; of the thread. */
  private Optional<Duration> retry = Optional.empty();

  private CertificateRenewal(
      Health health,
      TlsCredentials credentials,
      Supplier<List<String>> managers,
      LateRenewal.OwnSource own,
      InstantSource clock,
      RandomGenerator random) {
    this.credentials = credentials;
    this.managers = managers;
    this.late = new LateRenewal(managers, own, clock);
    this.clock = clock;
    this.random = random;
    this.thread =
        OwnerThread.named(health, "hanse-renewal")
            .virtual()
            .stuckAfter(ATTEMPT_MAX)
            .of(
                new Turn<NodeIdentity>() {
                  @Override
                  public NodeIdentity await() throws InterruptedException {
                    awaitAttempt();
                    return credentials.identity();
                  }

                  @Override
                  public void perform(NodeIdentity present) throws InterruptedException {
                    attempt(present);
                  }
                });
  }

  /**
   * Starts renewing.
   *
   * @param health what its thread reports to
   * @param managers addresses to ask, the best first; asked anew each time
   * @param own where a manager gets a certificate if its own is not valid and nobody answers
   */
  public static CertificateRenewal start(
      Health health,
      TlsCredentials credentials,
      Supplier<List<String>> managers,
      LateRenewal.OwnSource own,
      InstantSource clock,
      RandomGenerator random) {
    CertificateRenewal renewal =
        new CertificateRenewal(health, credentials, managers, own, clock, random);
    renewal.thread.start();
    return renewal;
  }

  /** Asks for a new certificate without waiting for the middle of the old one's life. */
  public void renewNow() {
    lock.lock();
    try {
      forced = true;
      wake.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    thread.interruptAndEnd();
  }

  /** When a certificate is to be renewed; pure. */
  public static Instant renewalTime(Instant notBefore, Instant notAfter, RandomGenerator random) {
    Duration life = Duration.between(notBefore, notAfter);
    double share = EARLIEST + (LATEST - EARLIEST) * random.nextDouble();
    return notBefore.plusSeconds((long) (life.toSeconds() * share));
  }

  private void awaitAttempt() throws InterruptedException {
    if (retry.isEmpty()) {
      awaitTime(nextRenewal());
      retry = Optional.of(RETRY_FIRST);
    } else {
      Duration pause = retry.get();
      retry =
          Optional.of(pauseAfterFailure(pause) ? Backoff.longer(pause, RETRY_LAST) : RETRY_FIRST);
    }
  }

  /** Whatever goes wrong, it is tried again: a node without a certificate is lost. */
  private void attempt(NodeIdentity present) throws InterruptedException {
    if ((isValid() || renewLate(present)) && renewOnce()) {
      retry = Optional.empty();
    }
  }

  private boolean isValid() {
    return credentials.identity().isValid(clock.instant());
  }

  private Instant nextRenewal() {
    NodeIdentity identity = credentials.identity();
    return renewalTime(identity.notBefore(), identity.notAfter(), random);
  }

  /** Ends early if somebody asks for a certificate, or the present one is not valid any more. */
  private void awaitTime(Instant due) throws InterruptedException {
    lock.lock();
    try {
      while (!forced && isValid()) {
        Duration left = Duration.between(clock.instant(), due);
        if (!left.isPositive()) {
          return;
        }
        long waitNanos = left.compareTo(LOOK) < 0 ? left.toNanos() : LOOK.toNanos();
        if (wake.awaitNanos(waitNanos) > 0) {
          log.debug("woken before the renewal is due");
        }
      }
      forced = false;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Measured without the wall clock, which may be what is wrong.
   *
   * @return false if it ended early: somebody asks for a certificate, or the present one is valid
   *     now and was not, or the other way round
   */
  private boolean pauseAfterFailure(Duration longest) throws InterruptedException {
    boolean valid = isValid();
    Duration limit = valid || longest.compareTo(RETRY_LAST_LATE) < 0 ? longest : RETRY_LAST_LATE;
    // At random: nodes of a swarm that was suspended as a whole come back together.
    long leftNanos = limit.toNanos() / 100 * (50 + random.nextInt(51));
    lock.lock();
    try {
      while (!forced && isValid() == valid && leftNanos > 0) {
        long turnNanos = Math.min(leftNanos, LOOK.toNanos());
        leftNanos -= turnNanos - wake.awaitNanos(turnNanos);
      }
      forced = false;
      return leftNanos <= 0;
    } finally {
      lock.unlock();
    }
  }

  /** A certificate for the old key, so that the renewal can follow. */
  private boolean renewLate(NodeIdentity before) throws InterruptedException {
    log.warn("the certificate is not valid now: {} to {}", before.notBefore(), before.notAfter());
    try {
      Optional<NodeIdentity> another = late.ask(before);
      if (another.isPresent()) {
        credentials.replace(another.get());
      }
      return another.isPresent();
    } catch (IdentityException | IOException e) {
      log.warn("certificate not replaced: {}", e.getMessage());
      return false;
    }
  }

  private boolean renewOnce() throws InterruptedException {
    NodeIdentity before = credentials.identity();
    Enrollment enrollment = new Enrollment(clock);
    for (String manager : managers.get()) {
      ManagedChannel channel = ManagerChannel.open(manager, credentials);
      try {
        NodeIdentity renewed = enrollment.renew(channel, before);
        credentials.replace(renewed);
        log.info("certificate renewed: {} until {}", renewed.role(), renewed.notAfter());
        return true;
      } catch (IdentityException | IOException e) {
        log.warn("certificate not renewed by {}: {}", manager, e.getMessage());
      } finally {
        channel.shutdownNow();
      }
    }
    return false;
  }
}
