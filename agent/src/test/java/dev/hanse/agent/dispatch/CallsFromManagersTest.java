package dev.hanse.agent.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.hanse.bounds.MemoryShare;
import dev.hanse.calls.CallException;
import dev.hanse.calls.CallHandler;
import dev.hanse.calls.CallStream;
import dev.hanse.calls.NodeCall;
import dev.hanse.calls.table.CallLimits;
import dev.hanse.calls.table.CallTable.End;
import dev.hanse.calls.table.CallViolation;
import dev.hanse.calls.table.Outcome;
import dev.hanse.model.CallFrame;
import dev.hanse.model.CallMessage;
import dev.hanse.model.CallRequest;
import dev.hanse.model.LogPlace;
import dev.hanse.model.LogsCall;
import dev.hanse.model.NodeCallsGrpc;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A node answers calls on a stream that it has opened to a real gRPC server. */
class CallsFromManagersTest {
  private static final CallRequest LOGS =
      CallRequest.newBuilder().setLogs(LogsCall.getDefaultInstance()).build();

  static final EngineDoor NO_ENGINE =
      () -> {
        throw new IOException("no engine here");
      };

  private final MemoryShare share = new MemoryShare(1 << 20);
  private final BlockingQueue<ManagerEnd> opened = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
  private Server server;
  private ManagedChannel channel;

  /** The manager's end of a node's stream. */
  private final class ManagerEnd implements StreamObserver<CallFrame>, CallStream.Sink {
    private final ServerCallStreamObserver<CallFrame> toNode;
    private final CallStream calls = new CallStream(End.ASKING, 10, share, this);
    private final CompletableFuture<String> session = new CompletableFuture<>();

    ManagerEnd(ServerCallStreamObserver<CallFrame> toNode) {
      this.toNode = toNode;
      toNode.setOnReadyHandler(calls::writable);
      toNode.setOnCancelHandler(this::lost);
    }

    private void lost() {
      calls.lost(new Outcome(Status.Code.UNAVAILABLE, "the node has gone"));
    }

    @Override
    public void onNext(CallFrame frame) {
      if (frame.hasGreeting()) {
        session.complete(frame.getGreeting().getSessionId());
        return;
      }
      try {
        calls.receive(frame, call -> ends.add("opened by the node"));
      } catch (CallViolation e) {
        ends.add(e.toString());
      }
    }

    @Override
    public void onError(Throwable failure) {
      lost();
    }

    @Override
    public void onCompleted() {
      lost();
    }

    @Override
    public boolean isReady() {
      return toNode.isReady();
    }

    @Override
    public void send(CallFrame frame) {
      toNode.onNext(frame);
    }
  }

  @BeforeEach
  void start() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(
                new NodeCallsGrpc.NodeCallsImplBase() {
                  @Override
                  public StreamObserver<CallFrame> answer(StreamObserver<CallFrame> toNode) {
                    ManagerEnd end = new ManagerEnd((ServerCallStreamObserver<CallFrame>) toNode);
                    opened.add(end);
                    return end;
                  }
                })
            .build()
            .start();
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow();
    server.shutdownNow().awaitTermination();
    assertThat(share.reserved()).isZero();
  }

  /** A session that serves calls; what ends it goes to the queue. */
  private Thread serve(CallHandler handler) {
    return Thread.ofVirtual()
        .start(
            () -> {
              Context.CancellableContext context = Context.ROOT.withCancellation();
              try {
                context.call(
                    () -> {
                      new CallsFromManagers(handler, context).serve(channel, "session-1");
                      return true;
                    });
                ends.add("session over");
              } catch (InterruptedException e) {
                ends.add("session interrupted");
              } catch (StatusRuntimeException e) {
                ends.add("session " + e.getStatus().getCode());
              } catch (Exception e) {
                throw new AssertionError(e);
              } finally {
                context.cancel(null);
              }
            });
  }

  private ManagerEnd manager() throws InterruptedException {
    return Optional.ofNullable(opened.poll(60, TimeUnit.SECONDS)).orElseThrow();
  }

  private String end() throws InterruptedException {
    return Optional.ofNullable(ends.poll(60, TimeUnit.SECONDS)).orElseThrow();
  }

  private static NodeCall open(ManagerEnd manager, CallRequest request) throws Exception {
    return manager.calls.open(request, CallLimits.WINDOW_BYTES_MIN);
  }

  @Test
  void logs_are_sent_with_their_places_and_an_unknown_kind_is_refused() throws Exception {
    List<LogPlace> places = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      places.add(LogPlace.newBuilder().setTaskId("task" + i).setFile(1).setOffset(i).build());
    }
    Thread session = serve(new NodeAnswers((call, sink) -> sink.places(places), NO_ENGINE));
    ManagerEnd manager = manager();
    assertThat(manager.session.get(60, TimeUnit.SECONDS)).isEqualTo("session-1");
    List<LogPlace> told = new ArrayList<>();
    try (NodeCall call = open(manager, LOGS)) {
      boolean more = true;
      while (more) {
        CallMessage message = call.next().orElseThrow();
        told.addAll(message.getLogPlaces().getPlacesList());
        more = message.getLogPlaces().getMore();
      }
      assertThat(call.next()).isEmpty();
    }
    assertThat(told).isEqualTo(places);
    try (NodeCall call = open(manager, CallRequest.getDefaultInstance())) {
      assertThatThrownBy(call::next)
          .isInstanceOfSatisfying(
              CallException.class,
              refusal -> assertThat(refusal.code()).isEqualTo(Status.Code.UNIMPLEMENTED));
    }
    session.interrupt();
    assertThat(end()).isEqualTo("session interrupted");
  }

  @Test
  @Tag("attack")
  void what_a_handler_throws_ends_its_call_and_no_other() throws Exception {
    List<Throwable> faults =
        List.of(
            new StackOverflowError("deep"),
            new IllegalStateException("wrong"),
            new IOException("disk"),
            new CallException(Status.Code.NOT_FOUND, "No such container: c"));
    BlockingQueue<Throwable> next = new LinkedBlockingQueue<>(faults);
    Thread session =
        serve(
            call -> {
              switch (next.poll()) {
                case Error fault -> throw fault;
                case RuntimeException fault -> throw fault;
                case IOException fault -> throw fault;
                case CallException told -> throw told;
                case null, default -> call.send(chunk());
              }
            });
    ManagerEnd manager = manager();
    for (String told :
        List.of(
            "the node has failed to answer",
            "the node has failed to answer",
            "disk",
            "No such container: c")) {
      try (NodeCall call = open(manager, LOGS)) {
        assertThatThrownBy(call::next).hasMessage(told);
      }
    }
    try (NodeCall call = open(manager, LOGS)) {
      assertThat(call.next()).contains(chunk());
    }
    session.interrupt();
    assertThat(end()).isEqualTo("session interrupted");
  }

  @Test
  void whatever_ends_a_call_stops_its_work_on_the_node() throws Exception {
    Thread session = serve(call -> work(() -> new CountDownLatch(1).await()));
    ManagerEnd manager = manager();
    NodeCall given = open(manager, LOGS);
    assertThat(end()).isEqualTo("work begun");
    given.close();
    assertThat(end()).isEqualTo("work stopped");

    NodeCall stuck = open(manager, LOGS);
    assertThat(end()).isEqualTo("work begun");
    session.interrupt();
    assertThat(List.of(end(), end()))
        .containsExactlyInAnyOrder("work stopped", "session interrupted");
    assertThatThrownBy(stuck::next).hasMessage("the node has gone");

    Thread other = serve(call -> work(() -> new CountDownLatch(1).await()));
    ManagerEnd again = manager();
    NodeCall lost = open(again, LOGS);
    assertThat(end()).isEqualTo("work begun");
    server.shutdownNow().awaitTermination();
    assertThat(List.of(end(), end()))
        .contains("work stopped")
        .anyMatch(end -> end.equals("session UNAVAILABLE") || end.equals("session CANCELLED"));
    assertThatThrownBy(lost::next).hasMessage("the node has gone");
    other.join();
  }

  private interface Work {
    void run() throws InterruptedException;
  }

  private void work(Work work) throws InterruptedException {
    ends.add("work begun");
    try {
      work.run();
    } catch (InterruptedException e) {
      ends.add("work stopped");
      throw e;
    }
  }

  @Test
  @Tag("attack")
  void a_manager_that_breaks_the_rules_is_left() throws Exception {
    serve(call -> {});
    ManagerEnd manager = manager();
    manager.send(CallFrame.newBuilder().setCallId(3).setMessage(chunk()).build());
    assertThat(end()).isEqualTo("session INVALID_ARGUMENT");
    serve(call -> {});
    ManagerEnd flooding = manager();
    flooding.send(
        CallFrame.newBuilder()
            .setCallId(1)
            .setMessage(
                CallMessage.newBuilder()
                    .setChunk(ByteString.copyFrom(new byte[CallLimits.FRAME_BYTES_MAX])))
            .build());
    assertThat(end()).isEqualTo("session RESOURCE_EXHAUSTED");
  }

  private static CallMessage chunk() {
    return CallMessage.newBuilder().setChunk(ByteString.copyFromUtf8("chunk")).build();
  }
}
