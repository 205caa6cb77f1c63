package dev.hanse.sim.world;

import dev.hanse.gossip.Effect;
import dev.hanse.gossip.Gossip;
import dev.hanse.gossip.GossipParameters;
import dev.hanse.gossip.GossipView;
import dev.hanse.gossip.Member;
import dev.hanse.gossip.MemberState;
import dev.hanse.gossip.StreamOutcome;
import dev.hanse.sim.net.Connection;
import dev.hanse.sim.time.Machine;
import dev.hanse.sim.time.Timeline;
import java.util.List;
import java.util.Optional;

/**
 * A node's part in the gossip while its daemon runs: the real core, driven as agent/gossip does it,
 * on simulated datagrams and connections.
 */
public final class GossipRun {
  private final World world;
  private final Host host;
  private final Machine machine;
  private final Gossip core;
  private final Alarm ticks;
  private List<String> seeds = List.of();
  private boolean joined;

  GossipRun(World world, Host host) {
    this.world = world;
    this.host = host;
    this.machine = host.machine();
    this.ticks = new Alarm(machine, this::due);
    Member self = new Member(host.nodeId(), host.gossipAddress(), nowMs());
    this.core = new Gossip(GossipParameters.DEFAULT, self, world.random(), nowMs());
  }

  private long nowMs() {
    return machine.instant().toEpochMilli();
  }

  /** Where others may be found: the managers. */
  void seeds(List<String> addresses) {
    if (!joined) {
      joined = true;
      perform(core.join(nowMs(), addresses));
    } else if (!addresses.equals(seeds)) {
      perform(core.seeds(nowMs(), addresses));
    }
    seeds = List.copyOf(addresses);
  }

  /** What this node believes of the others. */
  public GossipView view() {
    return core.view();
  }

  /** How often this node has believed another to be dead. */
  public long deaths() {
    return core.counters().deaths();
  }

  /** Says that the daemon stops and will come back. */
  void depart() {
    perform(core.depart(nowMs(), MemberState.AWAY));
  }

  /** What came while the process stood still comes first: see {@link Gossip}. */
  private void due() {
    if (nowMs() > core.nextDeadlineMs()) {
      machine.after(0, this::tick);
    } else {
      tick();
    }
  }

  private void tick() {
    boolean due = nowMs() >= core.nextDeadlineMs();
    perform(due && !world.sabotaged(Sabotage.GOSSIP_IDLY) ? core.tick(nowMs()) : List.of());
  }

  private void received(String from, byte[] datagram) {
    if (!passesOver(from)) {
      perform(core.receive(nowMs(), datagram));
    }
  }

  private boolean passesOver(String from) {
    return world.sabotaged(Sabotage.REVIVE_NOBODY)
        && core.view().state(from).equals(Optional.of(MemberState.DEAD));
  }

  private Optional<byte[]> asked(String from, byte[] request) {
    if (passesOver(from)) {
      return Optional.empty();
    }
    List<Effect> effects = core.receiveStream(nowMs(), 1, request);
    perform(effects);
    return effects.stream()
        .filter(Effect.Answer.class::isInstance)
        .map(effect -> ((Effect.Answer) effect).answer())
        .findFirst();
  }

  private void perform(List<Effect> effects) {
    boolean changed = false;
    for (Effect effect : effects) {
      switch (effect) {
        case Effect.Send send -> send(send);
        case Effect.Ask ask -> new Question(ask).put();
        case Effect.Answer _ -> {} // Taken by whom it is for.
        case Effect.Changed change -> {
          changed = true;
          world
              .trace()
              .line(
                  "%s holds node %s for %s",
                  host.name(),
                  change.nodeId(),
                  change.after().map(MemberState::toString).orElse("forgotten"));
        }
      }
    }
    if (changed) {
      host.manager().ifPresent(run -> run.gossiped(view()));
    }
    long waitMs = Math.max(world.sabotaged(Sabotage.GOSSIP_IDLY) ? 100 : 0, untilDueMs());
    ticks.ring(waitMs * Timeline.MS);
  }

  /** Never more than a minute, lest a deadline that will never come overflows. */
  private long untilDueMs() {
    return Math.clamp(core.nextDeadlineMs() - nowMs(), 0, 60_000);
  }

  private void send(Effect.Send send) {
    Host to = world.gossiping(send.address());
    String from = host.nodeId();
    world
        .network()
        .datagram(
            host.name(),
            to.machine(),
            () -> to.gossip().ifPresent(there -> there.received(from, send.datagram())));
  }

  /**
   * A question over TCP. A process that stands still does not answer, but the kernel makes the
   * connection for it; where no process is, the kernel refuses.
   */
  private final class Question {
    private final Effect.Ask ask;
    private final Host to;
    private boolean ended;

    Question(Effect.Ask ask) {
      this.ask = ask;
      this.to = world.gossiping(ask.address());
    }

    void put() {
      boolean reached =
          to.isPowered()
              && world.network().isOpen(host.name(), to.name())
              && world.network().isOpen(to.name(), host.name());
      StreamOutcome late = reached ? StreamOutcome.SILENT : StreamOutcome.UNREACHABLE;
      machine.after(ask.timeoutMs() * Timeline.MS, () -> fail(late));
      if (!reached) {
        return;
      }
      if (!to.machine().isUp() || to.gossip().isEmpty()) {
        machine.after(2 * Timeline.MS, () -> fail(StreamOutcome.REFUSED));
        return;
      }
      Connection connection = new Connection(world.network(), List.of(machine, to.machine()));
      connection.onClosedAtClient(() -> fail(StreamOutcome.REFUSED));
      connection.toServer(
          () ->
              to.gossip()
                  .flatMap(there -> there.asked(host.nodeId(), ask.request()))
                  .ifPresentOrElse(
                      answer -> connection.toClient(() -> answered(answer)),
                      connection::closeAtServer));
    }

    private void answered(byte[] answer) {
      if (!ended && !passesOver(to.nodeId())) {
        ended = true;
        perform(core.streamAnswered(nowMs(), ask.exchange(), answer));
      }
    }

    private void fail(StreamOutcome outcome) {
      if (!ended) {
        ended = true;
        perform(core.streamFailed(nowMs(), ask.exchange(), outcome));
      }
    }
  }
}
