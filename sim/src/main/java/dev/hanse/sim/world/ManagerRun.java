package dev.hanse.sim.world;

import dev.hanse.control.Decision;
import dev.hanse.control.command.Command;
import dev.hanse.gossip.GossipView;
import dev.hanse.manager.ManagerSettings;
import dev.hanse.manager.dispatch.Dispatch;
import dev.hanse.manager.dispatch.SessionMessages;
import dev.hanse.manager.loop.ControlStep;
import dev.hanse.manager.loop.ControlStep.Event;
import dev.hanse.manager.loop.StoreState;
import dev.hanse.sim.raft.RaftDisk;
import dev.hanse.sim.raft.RaftMember;
import dev.hanse.sim.raft.RaftSite;
import dev.hanse.sim.time.Machine;
import dev.hanse.sim.time.Timeline;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * A manager from its start to its end: the real control step, dispatcher and store, on the
 * simulated log.
 */
public final class ManagerRun implements RaftSite {
  private static final int EVENTS_AT_ONCE_MAX = 500;
  private static final long STEP_TIME = Timeline.MS / 10;

  private final World world;
  private final Host host;
  private final Machine machine;
  private final Store store = new Store(Snapshot.empty());
  private final RaftMember log;
  private final ControlStep control;
  private final ArrayDeque<Event> mailbox = new ArrayDeque<>();
  private Optional<Dispatch> dispatch = Optional.empty();
  private OptionalLong leading = OptionalLong.empty();
  private Optional<RolesRun> roles = Optional.empty();
  private boolean closed;
  private final Alarm steps;
  private final Alarm looks;

  ManagerRun(World world, Host host, RaftDisk disk) {
    this.world = world;
    this.host = host;
    this.machine = host.machine();
    this.steps = new Alarm(machine, this::step);
    this.looks = new Alarm(machine, () -> onDispatch(present -> {}));
    StoreState state = new StoreState(store, this::leadership);
    this.log =
        new RaftMember(
            host.name(),
            disk,
            new ObservedState(world, host.name(), store, state),
            this,
            world.raftSettings());
    this.control =
        new ControlStep(
            state,
            log,
            machine::instant,
            world.random(),
            new CheckedPasses(world)::run,
            this::post,
            this::termChanged);
  }

  /** Where it runs. */
  public Host host() {
    return host;
  }

  /** What it has applied. */
  public Snapshot snapshot() {
    return store.snapshot();
  }

  /** Its part in the log. */
  public RaftMember log() {
    return log;
  }

  boolean leads() {
    return control.isLeading();
  }

  /** Lets another manager lead, if one is up to date. */
  void handOver() {
    var unused = log.transferLeadership();
  }

  // The control loop.

  private void leadership(boolean leader) {
    world.trace().line("%s %s", host.name(), leader ? "leads" : "leads no more");
    post(new Event.Leadership(leader));
  }

  /** Told within a step; the term begins after it. */
  private void termChanged(OptionalLong term) {
    dispatch.ifPresent(
        old -> {
          old.unsubscribe();
          old.closeAll();
        });
    dispatch = Optional.empty();
    roles.ifPresent(RolesRun::close);
    roles = Optional.empty();
    leading = term;
    term.ifPresent(number -> machine.after(STEP_TIME, () -> beginTerm(number)));
  }

  private void beginTerm(long number) {
    if (!closed && leading.equals(OptionalLong.of(number))) {
      roles =
          Optional.of(
              new RolesRun(
                  world, host, store, log, command -> submit(command, OptionalLong.of(number))));
      dispatch = Optional.of(newDispatch(number));
      onDispatch(present -> present.expectNodes(machine.nanos()));
      host.gossip().ifPresent(gossip -> gossiped(gossip.view()));
    }
  }

  private void post(Event event) {
    mailbox.add(event);
    steps.ring(STEP_TIME);
  }

  private void step() {
    if (closed) {
      return;
    }
    if (control.isFull() && !control.flights().getFirst().isDone()) {
      return; // What lands first posts an event.
    }
    List<Event> events = new ArrayList<>();
    while (!mailbox.isEmpty() && events.size() < EVENTS_AT_ONCE_MAX) {
      events.add(mailbox.remove());
    }
    control.step(events);
    if (!mailbox.isEmpty()) {
      steps.ring(STEP_TIME);
    }
    Optional<Instant> due = control.due();
    if (due.isPresent()) {
      Duration wait = Duration.between(machine.instant(), due.get());
      steps.ring(Math.max(0, wait.toNanos()) + Timeline.MS);
    }
  }

  /** Asks this manager for a write; it must lead. */
  public CompletableFuture<Decision> submit(Command command) {
    return submit(command, OptionalLong.empty());
  }

  private CompletableFuture<Decision> submit(Command command, OptionalLong term) {
    CompletableFuture<Decision> answer = new CompletableFuture<>();
    post(new Event.Asked(command, term, answer));
    return answer;
  }

  /** Its node is no manager any more. */
  void close() {
    closed = true;
    log.close();
    termChanged(OptionalLong.empty());
  }

  /** The group has changed. */
  public void lookAtRoles() {
    roles.ifPresent(RolesRun::look);
  }

  // The dispatcher.

  private Dispatch newDispatch(long term) {
    return new Dispatch(
        store,
        command -> submit(command, OptionalLong.of(term)),
        world.random(),
        new SessionMessages(host.nodeId(), host.name()),
        ManagerSettings.STOP_PATIENCE_DEFAULT,
        () -> looks.ring(0),
        action -> machine.after(0, () -> onDispatch(present -> action.accept(machine.nanos()))),
        machine.nanos());
  }

  /** Gossip has something new to say. */
  void gossiped(GossipView view) {
    if (!world.sabotaged(Sabotage.REPORT_NO_LIVENESS)) {
      onDispatch(present -> present.listen(view));
    }
  }

  /** The dispatcher of this term, if this manager leads. */
  Optional<Dispatch> dispatch() {
    return dispatch;
  }

  /** Has something done with the dispatcher, and then lets it look. */
  void onDispatch(Consumer<Dispatch> action) {
    dispatch.ifPresent(
        present -> {
          action.accept(present);
          present.look(machine.nanos());
          looks.ring(present.waitNanos(machine.nanos()));
        });
  }

  // The site of the log's member.

  @Override
  public long nanos() {
    return machine.nanos();
  }

  @Override
  public void after(long nanos, Runnable action) {
    machine.after(nanos, action);
  }

  @Override
  public void send(String toNodeId, Consumer<RaftMember> arrival) {
    Host to = world.host(toNodeId);
    world
        .network()
        .datagram(
            host.name(),
            to.machine(),
            () -> to.manager().ifPresent(receiver -> arrival.accept(receiver.log())));
  }

  @Override
  public RandomGenerator random() {
    return world.random();
  }

  @Override
  public long syncNanos() {
    if (world.sabotaged(Sabotage.ANSWER_BEFORE_SYNC)) {
      return world.random().nextLong(Timeline.SECOND, 3 * Timeline.SECOND);
    }
    return world.random().nextInt(50) == 0
        ? world.random().nextLong(50 * Timeline.MS, 500 * Timeline.MS)
        : world.random().nextLong(Timeline.MS, 8 * Timeline.MS);
  }

  @Override
  public void note(String text) {
    world.trace().line("%s %s", host.name(), text);
  }
}
