package dev.hanse.identity;

import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.NodeIdentity;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a node gets another certificate when its own is not valid now: its life is over, or has not
 * begun because the clock ran ahead when it was signed and was set right since. It asks the
 * managers that it knows, one after the other; if none can be asked, a manager helps itself: else a
 * swarm that was off or suspended as a whole would never come back. The new certificate is for the
 * old key; a renewal with a fresh one should follow.
 */
public final class LateRenewal {
  private static final Logger log = LoggerFactory.getLogger(LateRenewal.class);

  /** Where a manager gets a certificate without the others. */
  @FunctionalInterface
  public interface OwnSource {
    /** What a worker has. */
    OwnSource NONE = Optional::empty;

    /** A new certificate for the old key, not yet saved; empty if this node is no manager. */
    Optional<NodeIdentity> renew() throws IOException, IdentityException, InterruptedException;
  }

  private final Supplier<List<String>> managers;
  private final OwnSource own;
  private final InstantSource clock;

  /**
   * Asks nobody yet.
   *
   * @param managers addresses, asked for anew in each round
   */
  public LateRenewal(Supplier<List<String>> managers, OwnSource own, InstantSource clock) {
    this.managers = managers;
    this.own = own;
    this.clock = clock;
  }

  /**
   * One round.
   *
   * @return the new certificate, which is not saved yet; empty if it should be tried again later
   * @throws IdentityException if there will be none, with the managers' reason
   */
  public Optional<NodeIdentity> ask(NodeIdentity expired)
      throws IdentityException, InterruptedException {
    for (String manager : managers.get()) {
      try {
        NodeIdentity identity = new Enrollment(clock).reenroll(manager, expired);
        log.info("the expired certificate has been replaced by {}", manager);
        return Optional.of(identity);
      } catch (IdentityException failure) {
        log.warn("no new certificate from {}: {}", manager, failure.getMessage());
        if (failure.reason() == IdentityException.Reason.REFUSED) {
          throw failure;
        }
      } catch (IllegalArgumentException badAddress) {
        log.warn("not a manager's address: {}", badAddress.getMessage());
      }
    }
    return renewed();
  }

  private Optional<NodeIdentity> renewed() throws InterruptedException {
    try {
      Optional<NodeIdentity> identity = own.renew();
      identity.ifPresent(
          another -> log.info("no manager answers: this one has given itself a new certificate"));
      return identity;
    } catch (IdentityException | IOException failure) {
      log.warn("nor a certificate of its own making: {}", failure.getMessage());
      return Optional.empty();
    }
  }
}
