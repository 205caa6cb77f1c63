package dev.hanse.sim.world;

import dev.hanse.agent.dispatch.AssignmentSequence;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.Platform;
import dev.hanse.model.Resources;
import dev.hanse.model.SessionMessage;
import dev.hanse.model.UpdateTaskStatusRequest.TaskStatusUpdate;
import dev.hanse.sim.net.Connection;
import dev.hanse.sim.time.Machine;
import dev.hanse.sim.time.Timeline;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The node's side of one session, as agent/dispatch/ManagerSession on a model of gRPC. */
final class NodeSessionRun {
  private static final long REGISTER_MAX = 10 * Timeline.SECOND;
  private static final long CALL_MAX = 10 * Timeline.SECOND;
  private static final Duration ANSWER_MIN = Duration.ofSeconds(3);
  private static final int STATUSES_MAX = 1024;

  private final World world;
  private final Host host;
  private final Machine machine;
  private final NodeRun node;
  private final String manager;
  private final String earlierId;
  private Optional<String> id = Optional.empty();
  private Optional<Connection> connection = Optional.empty();
  private Optional<NodeCalls> leader = Optional.empty();
  private boolean reporting;
  private boolean unknown;
  private boolean ended;
  private long call;
  private boolean calling;
  private boolean askedAgain;
  private long answerMax = CALL_MAX;

  NodeSessionRun(World world, Host host, NodeRun node, String manager, String earlierId) {
    this.world = world;
    this.host = host;
    this.machine = host.machine();
    this.node = node;
    this.manager = manager;
    this.earlierId = earlierId;
  }

  Optional<String> id() {
    return id;
  }

  String manager() {
    return manager;
  }

  boolean isUnknown() {
    return unknown;
  }

  /** Asks the manager for the way to the leader, which may be itself, and registers there. */
  void begin() {
    Host asked = world.host(manager);
    Connection first = open(List.of(machine, asked.machine()));
    first.toServer(
        () -> {
          Optional<String> leaderName = asked.manager().flatMap(run -> run.log().leader());
          first.toClient(() -> register(asked, leaderName));
        });
    machine.after(
        REGISTER_MAX,
        () -> {
          if (id.isEmpty()) {
            end("not registered in time");
          }
        });
  }

  private Connection open(List<Machine> path) {
    Connection opened = new Connection(world.network(), path);
    opened.onClosedAtClient(
        () -> {
          if (connection.equals(Optional.of(opened))) {
            end("connection lost");
          }
        });
    connection = Optional.of(opened);
    return opened;
  }

  private void register(Host asked, Optional<String> leaderName) {
    if (leaderName.isEmpty()) {
      end("no leader");
      return;
    }
    Host to = world.host(leaderName.get());
    List<Machine> path =
        to == asked
            ? List.of(machine, asked.machine())
            : List.of(machine, asked.machine(), to.machine());
    Connection through = open(path);
    Consumer<Status> refused = status -> machine.receive(() -> refused(through, status));
    through.toServer(
        () ->
            to.manager()
                .ifPresent(
                    run -> {
                      NodeCalls calls =
                          new NodeCalls(world, to, run, through, host.nodeId(), refused);
                      calls.session(
                          earlierId, host.address(), description(), news -> news(calls, news));
                    }));
  }

  private NodeDescription description() {
    return NodeDescription.newBuilder()
        .setHostname(host.name())
        .setPlatform(Platform.newBuilder().setOs("linux").setArchitecture("x86_64"))
        .setResources(Resources.newBuilder().setNanoCpus(4_000_000_000L).setMemoryBytes(8L << 30))
        .build();
  }

  private void refused(Connection by, Status status) {
    if (connection.equals(Optional.of(by))) {
      unknown = status.getCode() == Status.Code.NOT_FOUND;
      end("refused: " + status.getCode());
    }
  }

  private void end(String reason) {
    if (!ended) {
      ended = true;
      world.trace().line("%s ends its session with %s: %s", host.name(), manager, reason);
      connection.ifPresent(Connection::closeAtClient);
      node.sessionEnded(this);
    }
  }

  private void news(NodeCalls calls, SessionMessage message) {
    if (ended) {
      return;
    }
    node.learned(message);
    if (id.isEmpty()) {
      id = Optional.of(message.getSessionId());
      leader = Optional.of(calls);
      world.trace().line("%s has a session by %s", host.name(), manager);
      node.reports().resendAll();
      heartbeat();
      openAssignments();
      openEndpoints();
      sendReports();
    } else if (calling) {
      askedAgain = true;
    } else {
      heartbeat();
    }
  }

  /** Runs something at the leader; {@code answered} tells whether the answer is there. */
  private void atLeader(Consumer<NodeCalls> request) {
    if (!ended) {
      connection.orElseThrow().toServer(() -> request.accept(leader.orElseThrow()));
    }
  }

  /** Also at once after a further message of the session: the manager may have its doubts. */
  private void heartbeat() {
    long mine = ++call;
    calling = true;
    askedAgain = false;
    atLeader(calls -> calls.heartbeat(id.orElseThrow(), period -> answered(mine, period)));
    machine.after(
        answerMax,
        () -> {
          if (mine == call && calling) {
            end("heartbeat not answered");
          }
        });
  }

  private void answered(long mine, Duration period) {
    if (mine != call) {
      return;
    }
    calling = false;
    answerMax = Math.clamp(period.toNanos(), ANSWER_MIN.toNanos(), CALL_MAX);
    machine.after(
        askedAgain ? 0 : period.toNanos(),
        () -> {
          if (mine == call) {
            heartbeat();
          }
        });
  }

  private void openAssignments() {
    AssignmentSequence sequence = new AssignmentSequence();
    boolean[] gap = new boolean[1];
    atLeader(
        calls ->
            calls.assignments(
                id.orElseThrow(),
                (AssignmentsMessage message) -> {
                  if (ended || gap[0]) {
                    return;
                  }
                  if (sequence.accept(message)) {
                    node.assigned(message);
                  } else {
                    gap[0] = true;
                    openAssignments();
                  }
                }));
  }

  private void openEndpoints() {
    atLeader(
        calls -> {
          EndpointAcks acks = new EndpointAcks();
          acks.acknowledge = calls.endpoints(id.orElseThrow(), message -> tables(acks, message));
        });
  }

  /** How the leader is told of what is applied. */
  private static final class EndpointAcks {
    private Consumer<Long> acknowledge = index -> {};
  }

  private void tables(EndpointAcks acks, EndpointsMessage message) {
    if (ended) {
      return;
    }
    node.endpoints().receive(message);
    machine.after(
        world.random().nextLong(Timeline.MS, 60 * Timeline.MS),
        () -> atLeader(calls -> acks.acknowledge.accept(message.getIndex())));
  }

  /** Sends what there is to report, one call after the other. */
  void sendReports() {
    if (ended || reporting || id.isEmpty() || node.reports().isEmpty()) {
      return;
    }
    reporting = true;
    List<TaskStatusUpdate> batch = take();
    boolean[] taken = new boolean[1];
    atLeader(
        calls ->
            calls.report(
                id.orElseThrow(),
                batch,
                () -> {
                  taken[0] = true;
                  reporting = false;
                  sendReports();
                }));
    machine.after(
        CALL_MAX,
        () -> {
          if (!taken[0]) {
            node.reports().failed(batch);
            end("report not answered");
          }
        });
  }

  private List<TaskStatusUpdate> take() {
    try {
      return node.reports().take(STATUSES_MAX);
    } catch (InterruptedException impossible) {
      throw new IllegalStateException("there are reports, so nothing waits", impossible);
    }
  }
}
