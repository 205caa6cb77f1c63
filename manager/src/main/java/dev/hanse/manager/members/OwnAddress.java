package dev.hanse.manager.members;

import dev.hanse.health.Health;
import dev.hanse.health.Looks;
import dev.hanse.health.OwnerThread;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.raft.ReplicatedLog;
import dev.hanse.raft.log.Member;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * After a start: tells the group when this manager is reached at another address than before. Ends
 * when the group knows it.
 */
public final class OwnAddress implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(OwnAddress.class);
  private static final Duration ATTEMPT_MAX = Duration.ofSeconds(10);
  private static final Duration RETRY_INTERVAL = Duration.ofSeconds(2);

  private final ReplicatedLog log;
  private final TlsCredentials credentials;
  private final Member self;
  private final OwnerThread thread;

  private OwnAddress(Health health, ReplicatedLog log, TlsCredentials credentials, Member self) {
    this.log = log;
    this.credentials = credentials;
    this.self = self;
    this.thread = OwnerThread.named(health, "hanse-address").virtual().of(new Looks(this::look));
  }

  /** Begins to tell, if there is something to tell. */
  public static OwnAddress tell(
      Health health, ReplicatedLog log, TlsCredentials credentials, Member self) {
    OwnAddress address = new OwnAddress(health, log, credentials, self);
    address.thread.start();
    return address;
  }

  private Duration look() throws InterruptedException {
    if (!moved()) {
      thread.endAfterTurn();
      return Duration.ZERO;
    }
    try {
      tell();
      logger.info("the other managers know this one's address {} now", self.address());
    } catch (MembershipException | ExecutionException | TimeoutException e) {
      logger.warn(
          "the other managers do not know this one's new address yet, trying again: {}",
          e.getMessage());
    }
    return RETRY_INTERVAL;
  }

  private boolean moved() {
    return log.members().stream()
        .anyMatch(member -> member.nodeId().equals(self.nodeId()) && !member.equals(self));
  }

  private void tell()
      throws MembershipException, ExecutionException, TimeoutException, InterruptedException {
    if (log.isLeader()) {
      log.addMember(self).get(ATTEMPT_MAX.toMillis(), TimeUnit.MILLISECONDS);
    } else {
      new MembershipClient(credentials, () -> others(log, self.nodeId()))
          .join(self.address(), ATTEMPT_MAX);
    }
  }

  /** Where the other managers are, the leader first. */
  public static List<String> others(ReplicatedLog log, String self) {
    String leader = log.leader().orElse("");
    return log.members().stream()
        .filter(member -> !member.nodeId().equals(self))
        .sorted(
            (one, other) ->
                Boolean.compare(other.nodeId().equals(leader), one.nodeId().equals(leader)))
        .map(Member::address)
        .toList();
  }

  @Override
  public void close() {
    thread.interruptAndEnd();
  }
}
