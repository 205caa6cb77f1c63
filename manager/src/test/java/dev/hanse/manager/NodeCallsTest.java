package dev.hanse.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.hanse.bounds.HeapShares;
import dev.hanse.calls.CallException;
import dev.hanse.calls.NodeCall;
import dev.hanse.calls.NodeCalls;
import dev.hanse.calls.table.CallLimits;
import dev.hanse.control.command.NodeCommand.RemoveNode;
import dev.hanse.manager.forward.RemoteCalls;
import dev.hanse.model.CallFrame;
import dev.hanse.model.CallMessage;
import dev.hanse.model.CallRequest;
import dev.hanse.model.LogSelector;
import dev.hanse.model.LogsCall;
import dev.hanse.model.NodeCallsGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes are called over real streams: by the leader, and by way of it. */
final class NodeCallsTest {
  private static final CallRequest REQUEST =
      CallRequest.newBuilder().setLogs(LogsCall.getDefaultInstance()).build();

  @TempDir Path directory;
  private Manager leader;
  private Bystander bystander;
  private TestAgent agent;
  private String nodeId;
  private final List<AnsweringNode> nodes = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    leader = TestManager.found(directory, InstantSource.system(), TestManager.patient());
    bystander = new Bystander(leader, directory.resolve("bystander"));
    agent = TestAgent.join(leader, bystander.address(), directory.resolve("worker"));
    nodeId = agent.identity.nodeId();
  }

  @AfterEach
  void stop() {
    agent.close();
    bystander.close();
    leader.close();
  }

  private AnsweringNode answer(dev.hanse.calls.CallHandler handler) throws Exception {
    AnsweringNode node =
        AnsweringNode.open(agent.channel, agent.openSession().getSessionId(), handler);
    nodes.add(node);
    return node;
  }

  /** As the leader asks, and as another manager does. */
  private List<NodeCalls> ways() {
    return List.of(leader.calls(), new RemoteCalls(bystander.route));
  }

  @Test
  void a_node_echoes_what_managers_say_whichever_is_asked() throws Exception {
    AnsweringNode node =
        answer(
            call -> {
              for (var input = call.next(); input.isPresent(); input = call.next()) {
                call.send(input.get());
              }
            });
    for (NodeCalls way : ways()) {
      try (NodeCall call = way.open(nodeId, REQUEST, true)) {
        // More than all windows on the way together.
        int messages = 200;
        Thread sender =
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        for (int i = 0; i < messages; i++) {
                          call.send(chunk(i, CallLimits.MESSAGE_BYTES_MAX - 4));
                        }
                        call.endSending();
                      } catch (CallException | InterruptedException e) {
                        throw new AssertionError(e);
                      }
                    });
        for (int i = 0; i < messages; i++) {
          assertThat(call.next().orElseThrow().getChunk().asReadOnlyByteBuffer().getInt())
              .isEqualTo(i);
        }
        assertThat(call.next()).isEmpty();
        sender.join();
      }
      assertThat(TestAgent.next(node.ends)).isEqualTo("answered");
    }
    assertNothingIsLeft();
  }

  @Test
  void a_node_says_why_it_does_not_answer() throws Exception {
    AnsweringNode node =
        answer(
            call -> {
              throw new CallException(Status.Code.NOT_FOUND, "No such container: web.1");
            });
    for (NodeCalls way : ways()) {
      try (NodeCall call = way.open(nodeId, REQUEST, true)) {
        assertThatThrownBy(call::next)
            .hasMessage("No such container: web.1")
            .isInstanceOfSatisfying(
                CallException.class,
                failure -> assertThat(failure.code()).isEqualTo(Status.Code.NOT_FOUND));
      }
      assertThat(TestAgent.next(node.ends)).isEqualTo("No such container: web.1");
    }
    assertNothingIsLeft();
  }

  @Test
  void who_gives_a_call_up_ends_it_on_the_node() throws Exception {
    AnsweringNode node =
        answer(
            call -> {
              call.send(chunk(1, 4));
              new CountDownLatch(1).await();
            });
    for (NodeCalls way : ways()) {
      NodeCall call = way.open(nodeId, REQUEST, true);
      assertThat(call.next()).contains(chunk(1, 4));
      CompletableFuture<Throwable> waiting = new CompletableFuture<>();
      Thread.ofVirtual().start(() -> waiting.complete(failure(call)));
      call.close();
      assertThat(waiting.get(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS))
          .hasMessage("the call was cancelled");
      assertThat(TestAgent.next(node.ends)).isEqualTo("over");
    }
    assertNothingIsLeft();
  }

  private static Throwable failure(NodeCall call) {
    try {
      return new AssertionError(call.next());
    } catch (CallException | InterruptedException e) {
      return e;
    }
  }

  /** Each call has its own window: what one reader leaves does not keep another waiting. */
  @Test
  @Tag("attack")
  void a_reader_that_stalls_holds_up_no_other_and_the_node_stops_sending() throws Exception {
    AtomicLong sent = new AtomicLong();
    answer(
        call -> {
          boolean endless = call.request().getLogs().getOptions().getFollow();
          for (int i = 0; endless || i < 100; i++) {
            call.send(chunk(i, 20_000));
            sent.addAndGet(20_000);
          }
        });
    LogsCall.Builder follow = LogsCall.newBuilder();
    follow.getOptionsBuilder().setFollow(true);
    CallRequest endless = CallRequest.newBuilder().setLogs(follow).build();
    for (NodeCalls way : ways()) {
      sent.set(0);
      List<NodeCall> stalled = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        stalled.add(way.open(nodeId, endless, true));
      }
      try (NodeCall quick = way.open(nodeId, REQUEST, true)) {
        int taken = 0;
        while (quick.next().isPresent()) {
          taken++;
        }
        assertThat(taken).isEqualTo(100);
      }
      // Not more than a window each, on the leader and, if another was asked, there.
      assertThat(sent.get()).isLessThanOrEqualTo(100 * 20_000 + 20 * 3 * 64 * 1024L);
      assertThat(HeapShares.NODE_CALLS.reserved()).isLessThanOrEqualTo(20 * 2 * 64 * 1024);
      stalled.forEach(NodeCall::close);
    }
    assertNothingIsLeft();
  }

  @Test
  void a_node_that_is_not_there_is_told_apart_from_one_that_is_away() throws Exception {
    for (NodeCalls way : ways()) {
      assertThat(refusal(way, "nobody", true)).isEqualTo("NOT_FOUND: node nobody not found");
      assertThat(refusal(way, nodeId, false))
          .isEqualTo("UNAVAILABLE: node " + nodeId + " is not available");
    }
    List<CompletableFuture<String>> waiting = new ArrayList<>();
    for (NodeCalls way : ways()) {
      CompletableFuture<String> answer = new CompletableFuture<>();
      Thread.ofVirtual().start(() -> answer.complete(answerOf(way)));
      waiting.add(answer);
    }
    AnsweringNode node = answer(call -> call.send(chunk(7, 4)));
    for (CompletableFuture<String> answer : waiting) {
      assertThat(answer.get(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo("OK");
    }
    node.close();
    assertThat(node.ended.get(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS)).isNotNull();
    assertNothingIsLeft();
  }

  @Test
  void who_waits_for_a_node_is_told_when_it_is_removed() throws Exception {
    CompletableFuture<String> answer = new CompletableFuture<>();
    NodeCalls way = leader.calls();
    Thread waiting = Thread.ofVirtual().start(() -> answer.complete(answerOf(way)));
    while (waiting.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertThat(
            leader
                .submit(new RemoveNode(nodeId, true))
                .get(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS))
        .isInstanceOf(dev.hanse.control.Decision.Accepted.class);
    assertThat(answer.get(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS))
        .isEqualTo("NOT_FOUND: node " + nodeId + " not found");
  }

  private String answerOf(NodeCalls way) {
    try (NodeCall call = way.open(nodeId, REQUEST, true)) {
      return call.next().equals(Optional.of(chunk(7, 4))) && call.next().isEmpty() ? "OK" : "other";
    } catch (CallException | InterruptedException e) {
      return e instanceof CallException failure ? failure.code() + ": " + failure.text() : "?";
    }
  }

  private static String refusal(NodeCalls way, String nodeId, boolean wait) throws Exception {
    try (NodeCall call = way.open(nodeId, REQUEST, wait)) {
      return "OK " + call.next();
    } catch (CallException e) {
      return e.code() + ": " + e.text();
    }
  }

  @Test
  @Tag("attack")
  void only_the_session_of_a_node_is_called() throws Exception {
    AnsweringNode forged = AnsweringNode.open(agent.channel, "another", call -> {});
    assertThat(forged.ended.get(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS).getCode())
        .isEqualTo(Status.Code.NOT_FOUND);
    AnsweringNode real = answer(call -> call.send(chunk(7, 4)));
    AnsweringNode second = AnsweringNode.open(agent.channel, "another", call -> {});
    assertThat(second.ended.get(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS).getDescription())
        .isEqualTo("session invalid");
    assertThat(answerOf(leader.calls())).isEqualTo("OK");
    assertThat(real.ended).isNotDone();
  }

  @Test
  @Tag("attack")
  void a_node_that_breaks_the_rules_or_sends_too_much_at_once_loses_its_stream() throws Exception {
    String session = agent.openSession().getSessionId();
    CallMessage long1 =
        CallMessage.newBuilder()
            .setChunk(ByteString.copyFrom(new byte[CallLimits.FRAME_BYTES_MAX]))
            .build();
    CallFrame tooLong = CallFrame.newBuilder().setCallId(1).setMessage(long1).build();
    CallFrame unopened = CallFrame.newBuilder().setCallId(1).setMessage(chunk(1, 4)).build();
    for (CallFrame lie : List.of(tooLong, unopened)) {
      AnsweringNode node = AnsweringNode.open(agent.channel, session, call -> {});
      node.send(lie);
      assertThat(node.ended.get(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS).isOk()).isFalse();
    }
    CompletableFuture<Status> refused = new CompletableFuture<>();
    StreamObserver<CallFrame> early =
        NodeCallsGrpc.newStub(agent.channel)
            .answer(
                new StreamObserver<>() {
                  @Override
                  public void onNext(CallFrame frame) {}

                  @Override
                  public void onError(Throwable failure) {
                    refused.complete(Status.fromThrowable(failure));
                  }

                  @Override
                  public void onCompleted() {}
                });
    early.onNext(unopened); // Before any greeting.
    assertThat(refused.get(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS).getCode())
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
    answer(call -> call.send(chunk(7, 4)));
    assertThat(answerOf(leader.calls())).isEqualTo("OK");
    assertNothingIsLeft();
  }

  @Test
  @Tag("attack")
  void a_request_too_long_is_refused_where_it_is_made() {
    LogsCall longest =
        LogsCall.newBuilder()
            .setSelector(
                LogSelector.newBuilder().addTaskIds("x".repeat(CallLimits.REQUEST_BYTES_MAX)))
            .build();
    CallRequest request = CallRequest.newBuilder().setLogs(longest).build();
    assertThatThrownBy(() -> new RemoteCalls(bystander.route).open(nodeId, request, true))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static CallMessage chunk(int number, int bytes) {
    byte[] content = new byte[bytes];
    content[0] = (byte) (number >> 24);
    content[1] = (byte) (number >> 16);
    content[2] = (byte) (number >> 8);
    content[3] = (byte) number;
    return CallMessage.newBuilder().setChunk(ByteString.copyFrom(content)).build();
  }

  /** On neither end, as soon as the last frames have come. */
  private void assertNothingIsLeft() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TestGroup.LIMIT_SECONDS);
    while (HeapShares.NODE_CALLS.reserved() != 0
        || nodes.stream().anyMatch(node -> node.calls.size() != 0)) {
      assertThat(System.nanoTime()).as("calls are left").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }
}
