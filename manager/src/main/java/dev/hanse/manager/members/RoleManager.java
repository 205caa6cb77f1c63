package dev.hanse.manager.members;

import dev.hanse.control.Decision;
import dev.hanse.control.command.Command;
import dev.hanse.control.members.Group;
import dev.hanse.control.members.MembershipPlan;
import dev.hanse.control.members.MembershipStep;
import dev.hanse.health.Health;
import dev.hanse.health.Looks;
import dev.hanse.health.OwnerThread;
import dev.hanse.model.StoreAction;
import dev.hanse.raft.ReplicatedLog;
import dev.hanse.raft.log.Member;
import dev.hanse.store.Changes;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * On the leader: performs what {@link MembershipPlan} says, after each change of a node and, while
 * there are several managers, twice a second, since nobody tells when one falls silent. What fails
 * is tried again; what a leader has left half done its successor finds in the state.
 */
public final class RoleManager implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(RoleManager.class);
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(500);
  private static final Duration LOOK_INTERVAL_ALONE = Duration.ofSeconds(30);
  private static final Duration RETRY_INTERVAL = Duration.ofSeconds(1);
  private static final Duration STEP_MAX = Duration.ofSeconds(10);

  private final Store store;
  private final Function<Command, CompletableFuture<Decision>> submit;
  private final ReplicatedLog log;
  private final String self;
  private final Contacts.Observation contacts;
  private final Looks looks = new Looks(this::performAll);
  private final Store.Subscription subscription;
  private final OwnerThread thread;

  // Owned by the thread.
  private List<MembershipStep> waiting = List.of();
  private int warnedOf;

  /**
   * Starts, for the time that this manager leads.
   *
   * @param submit the control loop
   * @param self this node's id
   */
  public RoleManager(
      Health health,
      Store store,
      Function<Command, CompletableFuture<Decision>> submit,
      ReplicatedLog log,
      String self,
      Contacts contacts) {
    this.store = store;
    this.submit = submit;
    this.log = log;
    this.self = self;
    this.contacts = contacts.begin();
    this.subscription = store.subscribe(this::changed);
    this.thread = OwnerThread.named(health, "hanse-roles").virtual().of(looks).start();
  }

  private void changed(Snapshot before, Snapshot after, Changes changes) {
    if (changes.isEmpty() || changes.actions().stream().anyMatch(StoreAction::hasNode)) {
      look();
    }
  }

  /** Looks now: the group has changed. */
  void look() {
    looks.wake();
  }

  @Override
  public void close() {
    subscription.close();
    thread.close();
  }

  private Duration performAll() throws InterruptedException {
    try {
      return performSteps();
    } catch (ExecutionException | TimeoutException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      logger.warn("a change of the managers failed and is tried again: {}", cause.toString());
      return RETRY_INTERVAL;
    }
  }

  private Duration performSteps()
      throws InterruptedException, ExecutionException, TimeoutException {
    List<Member> members = log.members();
    warnOfEvenNumber(members.size());
    List<MembershipStep> steps =
        MembershipPlan.next(
            store.snapshot(),
            new Group(
                self,
                members.stream().collect(Collectors.toMap(Member::nodeId, Member::address)),
                contacts.reachable(members)));
    for (MembershipStep step : steps) {
      perform(step);
    }
    tellWaiting(steps);
    if (steps.stream().allMatch(MembershipStep.Wait.class::isInstance)) {
      return members.size() > 1 ? LOOK_INTERVAL : LOOK_INTERVAL_ALONE;
    }
    return Duration.ZERO;
  }

  private void perform(MembershipStep step)
      throws InterruptedException, ExecutionException, TimeoutException {
    switch (step) {
      case MembershipStep.Write(var command) -> write(command);
      case MembershipStep.Remove(String nodeId) -> {
        await(log.removeMember(nodeId));
        logger.info("node {} is no manager any more", nodeId);
      }
      case MembershipStep.StepDown() -> {
        logger.info("demoted: handing leadership to another manager");
        await(log.transferLeadership());
      }
      case MembershipStep.Wait wait -> {}
    }
  }

  private void write(Command command)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (await(submit.apply(command)) instanceof Decision.Refused refused) {
      throw new ExecutionException(
          new IllegalStateException(String.valueOf(refused.rejection().message())));
    }
  }

  private static <T> T await(CompletableFuture<T> pending)
      throws InterruptedException, ExecutionException, TimeoutException {
    return pending.get(STEP_MAX.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void tellWaiting(List<MembershipStep> steps) {
    List<MembershipStep> now =
        steps.stream().filter(MembershipStep.Wait.class::isInstance).toList();
    for (MembershipStep step : now) {
      if (!waiting.contains(step) && step instanceof MembershipStep.Wait(var nodeId, var reason)) {
        logger.warn("node {} stays a manager for now: {}", nodeId, reason);
      }
    }
    waiting = now;
  }

  private void warnOfEvenNumber(int managers) {
    if (managers != warnedOf && managers > 0 && managers % 2 == 0) {
      logger.warn(
          "the swarm has {} managers and can lose {} of them, no more than with {}: an odd number"
              + " is better",
          managers,
          (managers - 1) / 2,
          managers - 1);
    }
    warnedOf = managers;
  }
}
