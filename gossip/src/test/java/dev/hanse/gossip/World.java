package dev.hanse.gossip;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BiPredicate;

/** Nodes on a network that loses, delays, doubles and reorders; all from one seed. */
final class World {
  /** How the network behaves. */
  record Weather(double loss, long delayMinMs, long delayMaxMs, double doubled) {
    static final Weather FAIR = new Weather(0, 0, 2, 0);
  }

  /** What a node's process and machine do. */
  enum Condition {
    RUNNING,
    /** The process is stopped: the kernel takes connections and keeps datagrams. */
    PROCESS_STOPPED,
    /** The machine is stopped: nothing answers; datagrams that reach it are kept. */
    MACHINE_STOPPED,
    PROCESS_GONE,
    MACHINE_GONE
  }

  /** A change of a belief. */
  record Event(long atMs, String by, String about, Optional<MemberState> state) {}

  private record Happening(long atMs, long order, Runnable action)
      implements Comparable<Happening> {
    @Override
    public int compareTo(Happening other) {
      int byTime = Long.compare(atMs, other.atMs);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  /** One host. */
  final class Host {
    final String id;
    final String address;
    Gossip gossip;
    Condition condition = Condition.RUNNING;
    int life;
    private long tickAtMs = Long.MAX_VALUE;
    private final List<Runnable> kept = new ArrayList<>();

    Host(int number) {
      this.id = "node" + number;
      this.address = "10.0." + number / 250 + "." + (number % 250 + 1) + ":7946";
      this.gossip = fresh();
    }

    private Gossip fresh() {
      life++;
      return new Gossip(parameters, new Member(id, address, nowMs), random.split(), nowMs);
    }

    /** Runs now, or when the process goes on. */
    void deliver(Runnable action) {
      switch (condition) {
        case RUNNING -> action.run();
        case PROCESS_STOPPED, MACHINE_STOPPED -> kept.add(action);
        case PROCESS_GONE, MACHINE_GONE -> {}
      }
    }

    void set(Condition present) {
      condition = present;
      if (present == Condition.RUNNING) {
        List<Runnable> waiting = List.copyOf(kept);
        kept.clear();
        waiting.forEach(Runnable::run);
        wake(this);
      } else if (present == Condition.PROCESS_GONE || present == Condition.MACHINE_GONE) {
        kept.clear();
      }
    }

    void restart(List<String> seeds) {
      kept.clear();
      condition = Condition.RUNNING;
      gossip = fresh();
      perform(this, gossip.join(nowMs, seeds));
    }

    MemberState thinksOf(Host other) {
      return gossip.view().state(other.id).orElse(MemberState.LEFT);
    }
  }

  final GossipParameters parameters;
  final SplittableRandom random;
  final List<Host> hosts = new ArrayList<>();
  final List<Event> events = new ArrayList<>();
  Weather weather = Weather.FAIR;

  /** Which directed links work. */
  BiPredicate<Host, Host> link = (_, _) -> true;

  long nowMs = 1_700_000_000_000L;
  long datagrams;
  long datagramBytes;
  long streams;
  private final Map<String, Host> byAddress = new HashMap<>();
  private final PriorityQueue<Happening> agenda = new PriorityQueue<>();
  private long order;

  World(long seed, int nodes, GossipParameters parameters) {
    this.parameters = parameters;
    this.random = new SplittableRandom(seed);
    for (int i = 0; i < nodes; i++) {
      Host host = new Host(i);
      hosts.add(host);
      byAddress.put(host.address, host);
    }
    List<String> seeds = seeds();
    for (Host host : hosts) {
      at(random.nextLong(200), () -> perform(host, host.gossip.join(nowMs, seeds)));
    }
  }

  /** The managers' addresses. */
  List<String> seeds() {
    return hosts.stream().limit(3).map(host -> host.address).toList();
  }

  void at(long inMs, Runnable action) {
    agenda.add(new Happening(nowMs + inMs, order++, action));
  }

  void run(long forMs) {
    long untilMs = nowMs + forMs;
    while (!agenda.isEmpty() && agenda.peek().atMs <= untilMs) {
      Happening next = agenda.poll();
      nowMs = next.atMs;
      next.action.run();
    }
    nowMs = untilMs;
  }

  private void wake(Host host) {
    if (host.condition != Condition.RUNNING) {
      return;
    }
    long dueMs = Math.max(nowMs, host.gossip.nextDeadlineMs());
    if (dueMs < host.tickAtMs) {
      int life = host.life;
      host.tickAtMs = dueMs;
      at(dueMs - nowMs, () -> ring(host, life, dueMs));
    }
  }

  private void ring(Host host, int life, long dueMs) {
    if (host.tickAtMs == dueMs) {
      host.tickAtMs = Long.MAX_VALUE;
    }
    if (host.life == life && host.condition == Condition.RUNNING) {
      if (nowMs >= host.gossip.nextDeadlineMs()) {
        perform(host, host.gossip.tick(nowMs));
      } else {
        wake(host);
      }
    }
  }

  void perform(Host host, List<Effect> effects) {
    for (Effect effect : effects) {
      switch (effect) {
        case Effect.Send send -> send(host, send);
        case Effect.Ask ask -> ask(host, ask);
        case Effect.Answer _ -> throw new AssertionError("no question");
        case Effect.Changed changed ->
            events.add(new Event(nowMs, host.id, changed.nodeId(), changed.after()));
      }
    }
    wake(host);
  }

  private long delay() {
    return weather.delayMinMs + random.nextLong(weather.delayMaxMs - weather.delayMinMs + 1);
  }

  private boolean lost() {
    return random.nextDouble() < weather.loss;
  }

  private void send(Host from, Effect.Send send) {
    datagrams++;
    datagramBytes += send.datagram().length;
    if (send.datagram().length > parameters.datagramBytesMax()) {
      throw new AssertionError("a datagram of " + send.datagram().length + " bytes");
    }
    Host to = byAddress.get(send.address());
    int copies = random.nextDouble() < weather.doubled ? 2 : 1;
    for (int i = 0; to != null && i < copies; i++) {
      if (link.test(from, to) && !lost()) {
        at(delay(), () -> to.deliver(() -> receive(to, send.datagram())));
      }
    }
  }

  private void receive(Host to, byte[] datagram) {
    perform(to, to.gossip.receive(nowMs, datagram));
  }

  /** A TCP connection: a lost segment comes again after a second, as the kernel's SYN does. */
  private void ask(Host from, Effect.Ask ask) {
    streams++;
    int life = from.life;
    Host to = byAddress.get(ask.address());
    boolean open = to != null && link.test(from, to) && link.test(to, from);
    long repeatsMs = 0;
    for (int i = 0; i < 4; i++) {
      while (lost() && repeatsMs < 60_000) {
        repeatsMs += 1_000;
      }
    }
    long takesMs = 2 * (delay() + delay()) + repeatsMs;
    Condition condition = to == null ? Condition.MACHINE_GONE : to.condition;
    boolean inTime = open && takesMs < ask.timeoutMs();
    if (to != null && inTime && condition == Condition.RUNNING) {
      at(takesMs / 2, () -> question(from, life, to, ask, takesMs));
    } else if (inTime && condition == Condition.PROCESS_GONE) {
      at(takesMs / 2, () -> fail(from, life, ask, StreamOutcome.REFUSED));
    } else {
      boolean silent = inTime && condition == Condition.PROCESS_STOPPED;
      StreamOutcome outcome = silent ? StreamOutcome.SILENT : StreamOutcome.UNREACHABLE;
      at(ask.timeoutMs(), () -> fail(from, life, ask, outcome));
    }
  }

  private void question(Host from, int life, Host to, Effect.Ask ask, long takesMs) {
    if (to.condition != Condition.RUNNING) {
      boolean silent = to.condition == Condition.PROCESS_STOPPED;
      StreamOutcome outcome = silent ? StreamOutcome.SILENT : StreamOutcome.UNREACHABLE;
      at(ask.timeoutMs(), () -> fail(from, life, ask, outcome));
      return;
    }
    List<Effect> others = new ArrayList<>();
    Optional<byte[]> answer = Optional.empty();
    for (Effect effect : to.gossip.receiveStream(nowMs, 1, ask.request())) {
      if (effect instanceof Effect.Answer present) {
        answer = Optional.of(present.answer());
      } else {
        others.add(effect);
      }
    }
    perform(to, others);
    if (answer.isPresent()) {
      byte[] bytes = answer.get();
      at(takesMs / 2, () -> fromDeliver(from, life, () -> answered(from, ask, bytes)));
    } else {
      at(takesMs / 2, () -> fail(from, life, ask, StreamOutcome.REFUSED));
    }
  }

  private void answered(Host from, Effect.Ask ask, byte[] bytes) {
    perform(from, from.gossip.streamAnswered(nowMs, ask.exchange(), bytes));
  }

  private void fail(Host from, int life, Effect.Ask ask, StreamOutcome outcome) {
    fromDeliver(
        from, life, () -> perform(from, from.gossip.streamFailed(nowMs, ask.exchange(), outcome)));
  }

  private void fromDeliver(Host from, int life, Runnable action) {
    if (from.life == life) {
      from.deliver(action);
    }
  }

  /** Those that run. */
  List<Host> living() {
    return hosts.stream().filter(host -> host.condition == Condition.RUNNING).toList();
  }

  /** When each of the living thought so of a host for the first time since then, by node id. */
  Map<String, Long> firstAfter(long sinceMs, Host about, MemberState state) {
    Map<String, Long> first = new TreeMap<>();
    for (Event event : events) {
      if (event.atMs >= sinceMs
          && event.about.equals(about.id)
          && event.state.equals(Optional.of(state))) {
        first.putIfAbsent(event.by, event.atMs);
      }
    }
    return first;
  }

  /** Deaths that somebody believed in. */
  Set<Event> deaths() {
    Set<Event> deaths = new HashSet<>();
    for (Event event : events) {
      if (event.state.equals(Optional.of(MemberState.DEAD))) {
        deaths.add(event);
      }
    }
    return deaths;
  }
}
