package dev.hanse.agent.gossip;

import dev.hanse.gossip.Effect;
import dev.hanse.gossip.Gossip;
import dev.hanse.gossip.GossipView;
import dev.hanse.gossip.Member;
import dev.hanse.gossip.MemberState;
import dev.hanse.gossip.StreamOutcome;
import dev.hanse.health.Health;
import dev.hanse.health.LivedTime;
import dev.hanse.health.OwnerThread;
import dev.hanse.health.Turn;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that has this node's core while it is in a swarm. All that arrived is handed to the
 * core before its clock goes on, and that clock counts lived time: while this process stood still
 * nobody was silent.
 */
final class GossipNode implements Streams.Receiver, Turn<Set<SelectionKey>> {
  private static final Logger log = LoggerFactory.getLogger(GossipNode.class);
  static final int DATAGRAM_BYTES_MAX = 1_400;
  static final int MAILBOX_MAX = 1_024;
  private static final int DATAGRAMS_PER_TURN = 2_048;
  private static final double PER_SECOND = 500;
  private static final double BURST = 2_000;
  private static final double STREAMS_PER_SECOND = 20;
  private static final double STREAM_BURST = 100;
  private static final long FAULT_PAUSE_MS = 100;
  private static final long POST_LOOK_MS = 200;
  private static final long FAULT_REPORT_MS = 60_000;
  private static final long CLOCK_SET_MS = 1_000;

  /** As in RFC 4120, section 5.2.7.6 for Kerberos: clocks may differ by so much. */
  static final long SKEW_MS_MAX = 300_000;

  private final GossipSettings settings;
  private final GossipPorts ports;
  private final String address;
  private final byte[] receiver;
  private final Envelope envelope;
  private final Streams streams;
  private final GossipIdentity identity;
  private final Selector selector;
  private final Consumer<GossipView> views;
  private final BlockingQueue<Runnable> mailbox = new ArrayBlockingQueue<>(MAILBOX_MAX);
  private final ReplayWindows replays = new ReplayWindows();
  private final SourceLimits limits = new SourceLimits(PER_SECOND, BURST);
  private final SourceLimits streamLimits = new SourceLimits(STREAMS_PER_SECOND, STREAM_BURST);
  private final Map<Long, CompletableFuture<byte[]>> answers = new HashMap<>();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(DATAGRAM_BYTES_MAX + 1);
  private final long startEpochMs = System.currentTimeMillis();
  private final LivedTime lived;
  private final long startNanos;
  private final SecureRandom random = new SecureRandom();
  private final OwnerThread thread;
  private Gossip core;
  private List<String> seeds;
  private boolean begun;
  private boolean changed = true;
  private boolean clockReported;
  private long clockAheadMs;
  private long tickNotBeforeMs;
  private long faultReportedMs = Long.MIN_VALUE / 2;
  private long lastAnswer;
  private long endMs = Long.MAX_VALUE;
  private final Traffic traffic = new Traffic();
  private volatile GossipTraffic published;

  /** Counted by the thread. */
  private static final class Traffic {
    long sent;
    long sentBytes;
    long received;
    long receivedBytes;
    long forged;
    long unknownKey;
    long replayed;
    long stale;
    long oversized;
    long unknownVersion;
    long limited;
    long faults;
  }

  GossipNode(
      Health health,
      LivedTime lived,
      GossipSettings settings,
      GossipIdentity identity,
      GossipPorts ports,
      List<String> seeds,
      List<GossipKey> keys,
      Consumer<GossipView> views)
      throws IOException {
    this.lived = lived;
    this.startNanos = lived.now();
    this.settings = settings;
    this.identity = identity;
    this.ports = ports;
    this.address = identity.address();
    this.receiver = Envelope.receiver(address);
    this.seeds = List.copyOf(seeds);
    this.views = views;
    this.envelope = new Envelope(random, keys);
    this.streams = new Streams(health, lived, envelope, random, this, ports.streams());
    this.core = beginning();
    this.selector = Selector.open();
    ports.datagrams().register(selector, SelectionKey.OP_READ);
    this.published = traffic(traffic);
    this.thread = OwnerThread.named(health, "gossip").of(this);
  }

  private Gossip beginning() {
    Member self = new Member(identity.nodeId(), address, System.currentTimeMillis());
    return new Gossip(settings.parameters(), self, random, nowMs());
  }

  void start() {
    thread.start();
    streams.start();
  }

  void keys(List<GossipKey> keys) {
    boolean first = !envelope.hasKey() && !keys.isEmpty();
    envelope.keys(keys);
    if (first) {
      post(() -> perform(core.join(nowMs(), seeds)));
    }
  }

  void seeds(List<String> present) {
    post(
        () -> {
          if (!present.equals(seeds)) {
            seeds = present;
            perform(core.seeds(nowMs(), present));
          }
        });
  }

  GossipTraffic traffic() {
    return published;
  }

  /** Tells the others, then ends; returns when the sockets are closed. */
  void end(MemberState how) {
    post(
        () -> {
          perform(core.depart(nowMs(), how));
          endMs = envelope.hasKey() ? nowMs() + settings.farewell().toMillis() : nowMs();
        });
    thread.awaitEnd();
  }

  /** Has the thread do something; waits while it has much to do. */
  void post(Runnable work) {
    boolean interrupted = false;
    boolean taken = false;
    while (!taken && thread.isAlive()) {
      try {
        taken = mailbox.offer(work, POST_LOOK_MS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    selector.wakeup();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean offer(Runnable work) {
    boolean taken = mailbox.offer(work);
    selector.wakeup();
    return taken;
  }

  private long nowMs() {
    return startEpochMs + (lived.now() - startNanos) / 1_000_000;
  }

  private interface Step {
    void run() throws IOException;
  }

  /**
   * Runs one message, one command or one round. What others send must not be able to end the gossip
   * of this node, so that a fault ends this step and nothing else.
   *
   * @return whether it came to its end
   */
  private boolean guarded(Step step) {
    try {
      step.run();
      return true;
    } catch (IOException | RuntimeException | Error fault) {
      traffic.faults++;
      if (nowMs() - faultReportedMs >= FAULT_REPORT_MS) {
        faultReportedMs = nowMs();
        log.error("the gossip goes on after {} faults, the last one:", traffic.faults, fault);
      }
      return false;
    }
  }

  /** A core whose own round fails is in a state that nobody meant: it begins anew. */
  private void tick() {
    if (!guarded(() -> perform(core.tick(nowMs())))) {
      tickNotBeforeMs = nowMs() + FAULT_PAUSE_MS;
      core = beginning();
      changed = true;
      guarded(() -> perform(core.join(nowMs(), seeds)));
    }
  }

  private void followClock() {
    long aheadMs = System.currentTimeMillis() - nowMs();
    if (Math.abs(aheadMs - clockAheadMs) >= CLOCK_SET_MS) {
      clockAheadMs = aheadMs;
      core.clock(nowMs(), nowMs() + aheadMs);
    }
  }

  @Override
  public Set<SelectionKey> await() throws IOException {
    long dueMs = Math.max(core.nextDeadlineMs(), tickNotBeforeMs);
    long waitMs = Math.min(dueMs, endMs) - nowMs();
    if (waitMs > 0) {
      selector.select(Math.min(waitMs, Integer.MAX_VALUE));
    } else {
      selector.selectNow();
    }
    return selector.selectedKeys();
  }

  @Override
  public void perform(Set<SelectionKey> ready) throws IOException {
    ready.clear();
    if (!begun) {
      begun = true;
      if (envelope.hasKey()) {
        guarded(() -> perform(core.join(nowMs(), seeds)));
      }
    }
    followClock();
    Runnable work = mailbox.poll();
    while (work != null) {
      guarded(work::run);
      work = mailbox.poll();
    }
    for (int i = 0; i < DATAGRAMS_PER_TURN && receive(); i++) {
      // Until none is left.
    }
    if (nowMs() >= Math.max(core.nextDeadlineMs(), tickNotBeforeMs)) {
      tick();
    }
    if (changed) {
      changed = false;
      guarded(() -> views.accept(core.view()));
    }
    published = traffic(traffic);
    if (nowMs() >= endMs) {
      finish();
    }
  }

  /** The port is free, and nobody waits for an answer, before the end is told. */
  private void finish() throws IOException {
    try (selector;
        ports) {
      answers.values().forEach(answer -> answer.complete(new byte[0]));
    } finally {
      streams.awaitEnd();
      thread.endAfterTurn();
    }
  }

  /** Takes one datagram; false when there is none. */
  private boolean receive() throws IOException {
    buffer.clear();
    InetSocketAddress source = (InetSocketAddress) ports.datagrams().receive(buffer);
    if (source == null) {
      return false;
    }
    buffer.flip();
    traffic.received++;
    traffic.receivedBytes += buffer.remaining();
    if (!limits.take(source.getAddress(), nowMs())) {
      traffic.limited++;
    } else if (buffer.remaining() > DATAGRAM_BYTES_MAX) {
      traffic.oversized++;
    } else {
      byte[] sealed = new byte[buffer.remaining()];
      buffer.get(sealed);
      guarded(() -> open(source, sealed));
    }
    return true;
  }

  private void open(InetSocketAddress source, byte[] sealed) {
    switch (envelope.open(Envelope.Purpose.DATAGRAM, receiver, sealed)) {
      case Envelope.Opened.Refused refused -> {
        switch (refused.reason()) {
          case FORGED -> traffic.forged++;
          case UNKNOWN_KEY -> traffic.unknownKey++;
          case UNKNOWN_VERSION -> traffic.unknownVersion++;
        }
      }
      case Envelope.Opened.Packet packet -> {
        long skewMs = packet.sentMs() - System.currentTimeMillis();
        if (Math.abs(skewMs) > SKEW_MS_MAX) {
          traffic.stale++;
          reportClock(source, skewMs);
        } else if (!replays.accept(packet.session(), packet.count())) {
          traffic.replayed++;
        } else {
          perform(core.receive(nowMs(), packet.bytes()));
        }
      }
    }
  }

  private void reportClock(InetSocketAddress source, long skewMs) {
    if (!clockReported) {
      clockReported = true;
      log.warn(
          "the clock of {} differs by {} s from this host's: its gossip is not believed; set the"
              + " clocks of both (chrony, systemd-timesyncd)",
          source.getAddress().getHostAddress(),
          skewMs / 1_000);
    }
  }

  private void perform(List<Effect> effects) {
    effects.forEach(effect -> guarded(() -> perform(effect)));
  }

  private void perform(Effect effect) {
    switch (effect) {
      case Effect.Send send -> send(send.address(), send.datagram());
      case Effect.Ask ask -> ask(ask);
      case Effect.Answer answer -> {
        CompletableFuture<byte[]> waiting = answers.get(answer.exchange());
        if (waiting != null) {
          waiting.complete(answer.answer());
        }
      }
      case Effect.Changed change -> {
        changed = true;
        log.debug("{}: {} -> {}", change.nodeId(), change.before(), change.after());
      }
    }
  }

  private void ask(Effect.Ask ask) {
    InetSocketAddress to;
    try {
      to = Addresses.parse(ask.address());
    } catch (IllegalArgumentException fault) {
      failed(ask.exchange(), StreamOutcome.UNREACHABLE);
      return;
    }
    streams.ask(ask.exchange(), to, ask.request(), ask.timeoutMs());
  }

  private void send(String to, byte[] datagram) {
    if (!envelope.hasKey()) {
      return;
    }
    byte[] sealed =
        envelope.seal(
            Envelope.Purpose.DATAGRAM, Envelope.receiver(to), System.currentTimeMillis(), datagram);
    try {
      ports.datagrams().send(ByteBuffer.wrap(sealed), Addresses.parse(to));
      traffic.sent++;
      traffic.sentBytes += sealed.length;
    } catch (IOException | IllegalArgumentException fault) {
      log.debug("sending to {}: {}", to, fault.toString()); // As a datagram that was lost.
    }
  }

  @Override
  public boolean admits(InetSocketAddress source) {
    synchronized (streamLimits) {
      return streamLimits.take(source.getAddress(), nowMs());
    }
  }

  @Override
  public void asked(byte[] packet, CompletableFuture<byte[]> answer) {
    if (!offer(() -> answer(packet, answer))) {
      answer.complete(new byte[0]);
    }
  }

  private void answer(byte[] packet, CompletableFuture<byte[]> answer) {
    long exchange = ++lastAnswer;
    answers.put(exchange, answer);
    try {
      perform(core.receiveStream(nowMs(), exchange, packet));
    } finally {
      answers.remove(exchange);
      answer.complete(new byte[0]); // No effect if there is an answer.
    }
  }

  @Override
  public void answered(long exchange, byte[] packet) {
    post(() -> perform(core.streamAnswered(nowMs(), exchange, packet)));
  }

  @Override
  public void failed(long exchange, StreamOutcome outcome) {
    if (thread.isCurrent()) {
      perform(core.streamFailed(nowMs(), exchange, outcome));
    } else {
      post(() -> perform(core.streamFailed(nowMs(), exchange, outcome)));
    }
  }

  private GossipTraffic traffic(Traffic now) {
    return new GossipTraffic(
        now.sent,
        now.sentBytes,
        now.received,
        now.receivedBytes,
        now.forged + streams.forged.get(),
        now.unknownKey + streams.unknownKey.get(),
        now.replayed,
        now.stale,
        now.oversized + streams.oversized.get(),
        now.unknownVersion + streams.unknownVersion.get(),
        now.limited + streams.limited.get(),
        now.faults,
        core.counters());
  }
}
