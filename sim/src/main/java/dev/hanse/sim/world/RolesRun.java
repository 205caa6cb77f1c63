package dev.hanse.sim.world;

import dev.hanse.control.Decision;
import dev.hanse.control.command.Command;
import dev.hanse.control.members.Group;
import dev.hanse.control.members.MembershipPlan;
import dev.hanse.control.members.MembershipStep;
import dev.hanse.model.StoreAction;
import dev.hanse.raft.log.Member;
import dev.hanse.sim.raft.RaftMember;
import dev.hanse.sim.time.Machine;
import dev.hanse.sim.time.Timeline;
import dev.hanse.store.Store;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;

/** On the leader: performs the real membership plan, as manager/members/RoleManager does. */
final class RolesRun {
  private static final long LOOK_INTERVAL = Timeline.SECOND / 2;
  private static final long LOOK_INTERVAL_ALONE = 30 * Timeline.SECOND;
  private static final long RETRY_INTERVAL = Timeline.SECOND;
  private static final long STEP_MAX = 10 * Timeline.SECOND;
  private static final long SILENCE_MAX = 2 * Timeline.SECOND;

  private final World world;
  private final Host host;
  private final Machine machine;
  private final Store store;
  private final RaftMember log;
  private final Function<Command, CompletableFuture<Decision>> submit;
  private final Store.Subscription subscription;
  private final Alarm looks;
  private final Deque<MembershipStep> steps = new ArrayDeque<>();
  private boolean busy;
  private boolean news;
  private boolean closed;

  RolesRun(
      World world,
      Host host,
      Store store,
      RaftMember log,
      Function<Command, CompletableFuture<Decision>> submit) {
    this.world = world;
    this.host = host;
    this.machine = host.machine();
    this.store = store;
    this.log = log;
    this.submit = submit;
    this.looks = new Alarm(machine, this::plan);
    this.subscription =
        store.subscribe(
            (before, after, changes) -> {
              if (changes.isEmpty() || changes.actions().stream().anyMatch(StoreAction::hasNode)) {
                look();
              }
            });
    look();
  }

  void close() {
    closed = true;
    subscription.close();
  }

  /** Looks again, after what is under way. */
  void look() {
    news = true;
    if (!busy) {
      looks.ring(0);
    }
  }

  private void plan() {
    if (closed || busy || !world.isFounded()) {
      return;
    }
    news = false;
    List<Member> members = log.members();
    MembershipPlan.next(store.snapshot(), group(members)).stream()
        .filter(step -> !(step instanceof MembershipStep.Wait))
        .filter(step -> !isLeftUndone(step))
        .forEach(steps::add);
    if (steps.isEmpty()) {
      looks.ring(members.size() > 1 ? LOOK_INTERVAL : LOOK_INTERVAL_ALONE);
    } else {
      busy = true;
      next();
    }
  }

  private boolean isLeftUndone(MembershipStep step) {
    return world.sabotaged(Sabotage.KEEP_DEMOTED_MANAGERS) && step instanceof MembershipStep.Remove;
  }

  private Group group(List<Member> members) {
    Map<String, String> addresses = new HashMap<>();
    members.forEach(
        member -> addresses.put(world.host(member.nodeId()).nodeId(), member.address()));
    Set<String> reachable =
        log.heardSince(machine.nanos() - SILENCE_MAX).stream()
            .map(name -> world.host(name).nodeId())
            .collect(Collectors.toSet());
    return new Group(host.nodeId(), addresses, reachable);
  }

  private void next() {
    MembershipStep step = steps.poll();
    if (closed || step == null) {
      ended(news ? 0 : Timeline.MS);
      return;
    }
    boolean[] over = new boolean[1];
    var unused =
        perform(step)
            .whenComplete(
                (nothing, fault) ->
                    machine.after(
                        0,
                        () -> {
                          if (!over[0]) {
                            over[0] = true;
                            performed(step, fault == null);
                          }
                        }));
    machine.after(
        STEP_MAX,
        () -> {
          if (!over[0]) {
            over[0] = true;
            performed(step, false);
          }
        });
  }

  private void performed(MembershipStep step, boolean well) {
    world.trace().line("%s: %s %s", host.name(), step, well ? "done" : "failed");
    if (well && !(step instanceof MembershipStep.StepDown)) {
      next();
    } else {
      steps.clear();
      ended(RETRY_INTERVAL);
    }
  }

  private void ended(long pause) {
    busy = false;
    if (!closed) {
      looks.ring(pause);
    }
  }

  private CompletableFuture<?> perform(MembershipStep step) {
    return switch (step) {
      case MembershipStep.Write(var command) ->
          submit
              .apply(command)
              .thenAccept(
                  decision -> {
                    if (decision instanceof Decision.Refused refused) {
                      throw new IllegalStateException(refused.rejection().message());
                    }
                  });
      case MembershipStep.Remove(String nodeId) -> log.removeMember(world.hostOf(nodeId).name());
      case MembershipStep.StepDown _ -> log.transferLeadership();
      case MembershipStep.Wait _ -> CompletableFuture.completedFuture(null);
    };
  }
}
