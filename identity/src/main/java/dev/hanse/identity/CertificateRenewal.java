package dev.hanse.identity;

import io.grpc.ManagedChannel;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
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
 */
public final class CertificateRenewal implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CertificateRenewal.class);
  private static final double EARLIEST = 0.5;
  private static final double LATEST = 0.8;
  private static final Duration RETRY_FIRST = Duration.ofSeconds(5);
  private static final Duration RETRY_LAST = Duration.ofHours(1);

  private final TlsCredentials credentials;
  private final Supplier<List<String>> managers;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wake = lock.newCondition();
  private final Thread thread;
  private boolean forced;

  private CertificateRenewal(
      TlsCredentials credentials,
      Supplier<List<String>> managers,
      InstantSource clock,
      RandomGenerator random) {
    this.credentials = credentials;
    this.managers = managers;
    this.clock = clock;
    this.random = random;
    this.thread = Thread.ofVirtual().name("hanse-renewal").unstarted(this::run);
  }

  /**
   * Starts renewing.
   *
   * @param managers addresses to ask, the best first; asked anew each time
   */
  public static CertificateRenewal start(
      TlsCredentials credentials,
      Supplier<List<String>> managers,
      InstantSource clock,
      RandomGenerator random) {
    CertificateRenewal renewal = new CertificateRenewal(credentials, managers, clock, random);
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
    thread.interrupt();
  }

  /** When a certificate is to be renewed; pure. */
  static Instant renewalTime(Instant notBefore, Instant notAfter, RandomGenerator random) {
    Duration life = Duration.between(notBefore, notAfter);
    double share = EARLIEST + (LATEST - EARLIEST) * random.nextDouble();
    return notBefore.plusSeconds((long) (life.toSeconds() * share));
  }

  private void run() {
    try {
      Duration retry = RETRY_FIRST;
      Instant due = nextRenewal();
      while (true) {
        awaitTime(due);
        if (renewOnce()) {
          retry = RETRY_FIRST;
          due = nextRenewal();
        } else {
          due = clock.instant().plus(retry);
          retry =
              retry.multipliedBy(2).compareTo(RETRY_LAST) < 0 ? retry.multipliedBy(2) : RETRY_LAST;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // Closed.
    }
  }

  private Instant nextRenewal() {
    NodeIdentity identity = credentials.identity();
    return renewalTime(identity.notBefore(), identity.notAfter(), random);
  }

  private void awaitTime(Instant due) throws InterruptedException {
    lock.lock();
    try {
      while (!forced) {
        Duration left = Duration.between(clock.instant(), due);
        if (!left.isPositive()) {
          return;
        }
        // The wall clock may be set meanwhile: look again now and then.
        long waitMs = Math.min(left.toMillis() + 1, Duration.ofMinutes(1).toMillis());
        if (wake.await(waitMs, java.util.concurrent.TimeUnit.MILLISECONDS)) {
          log.debug("woken before the renewal is due");
        }
      }
      forced = false;
    } finally {
      lock.unlock();
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
