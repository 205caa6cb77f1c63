package dev.hanse.control.sim;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import dev.hanse.control.Context;
import dev.hanse.control.Decision;
import dev.hanse.control.DirtyKeys;
import dev.hanse.control.Pass;
import dev.hanse.control.PassResult;
import dev.hanse.control.Passes;
import dev.hanse.control.Rejection;
import dev.hanse.control.Times;
import dev.hanse.control.command.ClusterCommand.FirstManager;
import dev.hanse.control.command.ClusterCommand.InitializeCluster;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.NodeCommand.EnrollNode;
import dev.hanse.control.command.NodeCommand.UpdateNodeStatus;
import dev.hanse.control.command.TaskCommand.UpdateTaskStatuses;
import dev.hanse.control.decision.Commands;
import dev.hanse.model.Certificate;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.ForeignSubnet;
import dev.hanse.model.Node;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.Platform;
import dev.hanse.model.Resources;
import dev.hanse.model.RootCA;
import dev.hanse.model.UpdateTaskStatusRequest.TaskStatusUpdate;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import dev.hanse.store.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;

/**
 * A swarm without threads, sockets or clock: a store, the passes, and an agent for each node. Every
 * pass is done twice, narrowed and in full, and must come to the same.
 */
public final class World {
  private static final int PASSES_MAX = 100;
  private static final Duration NO_EVENT = Duration.ofDays(365);

  private final Random random;
  private final Store store = new Store(Snapshot.empty());
  private final Supplier<List<Pass>> list;
  private final Passes passes;
  private final Map<String, FakeAgent> agents = new LinkedHashMap<>();
  private final List<Store.Listener> observers = new ArrayList<>();
  private DirtyKeys dirty = DirtyKeys.full();
  private Instant now = Instant.ofEpochSecond(1_000_000_000);
  private Optional<Timestamp> deadline = Optional.empty();
  private long index = 10;

  public World(long seed) {
    this(seed, Passes::standard);
  }

  /** With other passes, made anew for each full run. */
  public World(long seed, Supplier<List<Pass>> list) {
    this.random = new Random(seed);
    this.list = list;
    this.passes = new Passes(list.get());
  }

  public Snapshot snapshot() {
    return store.snapshot();
  }

  public Instant now() {
    return now;
  }

  public Random random() {
    return random;
  }

  public FakeAgent agent(String nodeId) {
    return Optional.ofNullable(agents.get(nodeId)).orElseThrow();
  }

  public Map<String, FakeAgent> agents() {
    return agents;
  }

  public void observe(Store.Listener observer) {
    observers.add(observer);
  }

  /** Makes the cluster with one manager, which takes tasks too. */
  public String initialize() {
    return initializeWith("10.0.0.0/8", 24);
  }

  /** As {@link #initialize}, with other address pools. */
  public String initializeWith(String addressPool, int subnetSize) {
    return initializeAt(addressPool, subnetSize);
  }

  /** As {@link #initializeWith}, by a manager on those subnets. */
  public String initializeAt(String addressPool, int subnetSize, String... foreign) {
    NodeDescription.Builder own = description("n1").toBuilder();
    for (String subnet : foreign) {
      own.addForeignSubnets(ForeignSubnet.newBuilder().setSubnet(subnet));
    }
    Context context = context();
    String nodeId = context.newId();
    accept(
        new InitializeCluster(
            context.newId(),
            ClusterSpec.getDefaultInstance(),
            RootCA.getDefaultInstance(),
            List.of(addressPool),
            subnetSize,
            0,
            new FirstManager(
                nodeId,
                Certificate.getDefaultInstance(),
                NodeSpec.Availability.ACTIVE,
                own.build())));
    connect(nodeId, own.build());
    return nodeId;
  }

  /** Admits another worker. */
  public String join() {
    String nodeId = enroll(NodeRole.WORKER);
    connect(nodeId, description("n" + (agents.size() + 1)));
    return nodeId;
  }

  /** Admits a node that is never in touch. */
  public String enroll(NodeRole role) {
    Message node =
        accept(new EnrollNode(role, ByteString.copyFromUtf8("csr"), NodeSpec.Availability.ACTIVE))
            .orElseThrow();
    return ((Node) node).getId();
  }

  private static NodeDescription description(String hostname) {
    return NodeDescription.newBuilder()
        .setHostname(hostname)
        .setPlatform(Platform.newBuilder().setOs("linux").setArchitecture("x86_64"))
        .setResources(Resources.newBuilder().setNanoCpus(4_000_000_000L).setMemoryBytes(8L << 30))
        .build();
  }

  private void connect(String nodeId, NodeDescription description) {
    agents.put(nodeId, new FakeAgent(nodeId, random));
    report(nodeId, NodeStatus.State.READY, Optional.of(description));
  }

  public void report(String nodeId, NodeStatus.State state, Optional<NodeDescription> description) {
    accept(
        new UpdateNodeStatus(
            nodeId,
            NodeStatus.newBuilder()
                .setState(state)
                .setAddr("192.0.2." + (List.copyOf(agents.keySet()).indexOf(nodeId) + 1))
                .build(),
            description));
  }

  /** The node and its manager do not hear of each other; its containers run on. */
  public void disconnect(String nodeId) {
    agent(nodeId).setConnected(false, store.snapshot());
    report(nodeId, NodeStatus.State.DOWN, Optional.empty());
  }

  public void reconnect(String nodeId) {
    agent(nodeId).setConnected(true, store.snapshot());
    report(nodeId, NodeStatus.State.READY, Optional.empty());
  }

  public Decision submit(Command command) {
    Decision decision = Commands.decide(store.snapshot(), command, context());
    switch (decision) {
      case Decision.Accepted accepted -> commit(accepted.changes());
      case Decision.Refused refused -> {}
    }
    return decision;
  }

  /** Submits what must not be refused. */
  public Optional<Message> accept(Command command) {
    return switch (submit(command)) {
      case Decision.Accepted accepted -> accepted.result();
      case Decision.Refused refused ->
          throw new AssertionError(command + ": " + refused.rejection());
    };
  }

  /** Submits what must be refused; says why it is. */
  public Rejection refuse(Command command) {
    return switch (submit(command)) {
      case Decision.Refused refused -> refused.rejection();
      case Decision.Accepted accepted -> throw new AssertionError("accepted: " + command);
    };
  }

  private void commit(Changes changes) {
    if (changes.isEmpty()) {
      return;
    }
    Snapshot before = store.snapshot();
    index += 1 + random.nextInt(3);
    Snapshot after = store.apply(changes, index);
    dirty.add(before, after, changes);
    observers.forEach(observer -> observer.changed(before, after, changes));
  }

  /** Passes until nothing changes any more. */
  public void settle() {
    for (int i = 0; i < PASSES_MAX; i++) {
      long seed = random.nextLong();
      Context narrowed = new Context(Times.timestamp(now), new Random(seed));
      Context full = new Context(Times.timestamp(now), new Random(seed));
      Map<String, Snapshot> fully = new LinkedHashMap<>();
      PassResult expected =
          new Passes(list.get()).run(store.snapshot(), full, DirtyKeys.full(), fully::put);
      DirtyKeys keys = dirty;
      dirty = new DirtyKeys();
      Map<String, Snapshot> narrowly = new LinkedHashMap<>();
      PassResult result = passes.run(store.snapshot(), narrowed, keys, narrowly::put);
      if (!result.changes().equals(expected.changes())) {
        narrowly.forEach(
            (pass, after) ->
                assertSame(pass, after, Optional.ofNullable(fully.get(pass)).orElseThrow()));
      }
      assertThat(result.changes()).as("order of what is written").isEqualTo(expected.changes());
      assertThat(result.nextDeadline()).isEqualTo(expected.nextDeadline());
      deadline = result.nextDeadline();
      commit(result.changes());
      boolean due = deadline.map(Times::instant).filter(at -> !at.isAfter(now)).isPresent();
      if (result.changes().isEmpty() && !due) {
        return;
      }
    }
    throw new AssertionError("the passes do not settle");
  }

  private static void assertSame(String pass, Snapshot narrowed, Snapshot full) {
    for (Kind<?> kind : Kind.ALL) {
      assertThat(List.copyOf(narrowed.all(kind)))
          .as("what the narrowed pass %s makes of each %s", pass, kind)
          .isEqualTo(List.copyOf(full.all(kind)));
    }
  }

  /** Writes an object past all commands. */
  public <T extends Message> void put(Kind<T> kind, T object) {
    Transaction transaction = new Transaction(store.snapshot(), Times.timestamp(now));
    transaction.put(kind, object);
    commit(transaction.changes());
  }

  /** Removes an object past all commands. */
  public void delete(Kind<?> kind, String id) {
    Transaction transaction = new Transaction(store.snapshot(), Times.timestamp(now));
    transaction.delete(kind, id);
    commit(transaction.changes());
  }

  /** Lets time pass; agents act and deadlines come due on the way. */
  public void run(Duration duration) {
    Instant end = now.plus(duration);
    settle();
    while (true) {
      deliver();
      Instant next = nextEvent();
      if (next.isAfter(end)) {
        break;
      }
      now = next.isAfter(now) ? next : now;
      act();
      settle();
    }
    now = end;
    settle();
  }

  private void deliver() {
    for (FakeAgent agent : agents.values()) {
      agent.receive(store.snapshot(), now);
    }
  }

  private Instant nextEvent() {
    Instant next = deadline.map(Times::instant).orElse(now.plus(NO_EVENT));
    for (FakeAgent agent : agents.values()) {
      Instant own = agent.nextEvent().orElse(next);
      next = own.isBefore(next) ? own : next;
    }
    return next;
  }

  private void act() {
    for (FakeAgent agent : agents.values()) {
      List<TaskStatusUpdate> updates = agent.act(now);
      boolean known = store.snapshot().find(Kind.NODE, agent.nodeId()).isPresent();
      if (!updates.isEmpty() && known) {
        accept(new UpdateTaskStatuses(agent.nodeId(), updates));
      }
    }
  }

  private Context context() {
    return new Context(Times.timestamp(now), random);
  }
}
