package dev.hanse.agent.dispatch;

import com.google.protobuf.Duration;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.AssignmentsRequest;
import dev.hanse.model.DispatcherGrpc;
import dev.hanse.model.EndpointsAck;
import dev.hanse.model.EndpointsGrpc;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.HeartbeatRequest;
import dev.hanse.model.HeartbeatResponse;
import dev.hanse.model.ListenSubscriptionsRequest;
import dev.hanse.model.LogBrokerGrpc;
import dev.hanse.model.PublishLogsMessage;
import dev.hanse.model.PublishLogsResponse;
import dev.hanse.model.SessionMessage;
import dev.hanse.model.SessionRequest;
import dev.hanse.model.SubscriptionMessage;
import dev.hanse.model.UpdateTaskStatusRequest;
import dev.hanse.model.UpdateTaskStatusResponse;
import dev.hanse.model.WeightedPeer;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A manager as a node sees it: a real gRPC server that records what it is asked. */
public final class FakeManager implements AutoCloseable {
  public final BlockingQueue<SessionRequest> sessions = new LinkedBlockingQueue<>();
  public final BlockingQueue<UpdateTaskStatusRequest> statuses = new LinkedBlockingQueue<>();
  public final BlockingQueue<StreamObserver<AssignmentsMessage>> assignments =
      new LinkedBlockingQueue<>();
  public final BlockingQueue<StreamObserver<EndpointsMessage>> endpoints =
      new LinkedBlockingQueue<>();
  public final BlockingQueue<EndpointsAck> acknowledged = new LinkedBlockingQueue<>();
  public final BlockingQueue<StreamObserver<SubscriptionMessage>> subscribers =
      new LinkedBlockingQueue<>();
  public final BlockingQueue<PublishLogsMessage> published = new LinkedBlockingQueue<>();
  public final BlockingQueue<StreamObserver<SessionMessage>> sessionStreams =
      new LinkedBlockingQueue<>();
  public final AtomicInteger heartbeats = new AtomicInteger();

  /** Whether the last heartbeat said that the node's machine goes down. */
  public volatile boolean nodeLeaves;

  /** What the node said last of its illness. */
  public volatile String illness = "";

  public final List<WeightedPeer> peers = new CopyOnWriteArrayList<>();
  public volatile boolean knowsSession = true;
  public volatile boolean takesStatuses = true;
  public volatile Duration period = Duration.newBuilder().setNanos(50_000_000).build();

  private final Server server;
  private final AtomicInteger sessionCount = new AtomicInteger();

  public FakeManager() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new Dispatcher())
            .addService(new Endpoints())
            .addService(new LogBroker())
            .build()
            .start();
  }

  public String address() {
    return "127.0.0.1:" + server.getPort();
  }

  @Override
  public void close() throws InterruptedException {
    server.shutdownNow().awaitTermination();
  }

  private final class Dispatcher extends DispatcherGrpc.DispatcherImplBase {
    @Override
    public void session(SessionRequest request, StreamObserver<SessionMessage> answers) {
      sessions.add(request);
      sessionStreams.add(answers);
      answers.onNext(
          SessionMessage.newBuilder()
              .setSessionId("session-" + sessionCount.incrementAndGet())
              .addAllManagers(peers)
              .build());
    }

    @Override
    public void heartbeat(HeartbeatRequest request, StreamObserver<HeartbeatResponse> answers) {
      nodeLeaves = request.getLeaving();
      illness = request.getIllness();
      heartbeats.incrementAndGet();
      if (!knowsSession) {
        answers.onError(new StatusException(Status.NOT_FOUND));
        return;
      }
      answers.onNext(HeartbeatResponse.newBuilder().setPeriod(period).build());
      answers.onCompleted();
    }

    @Override
    public void assignments(
        AssignmentsRequest request, StreamObserver<AssignmentsMessage> answers) {
      assignments.add(answers);
    }

    @Override
    public void updateTaskStatus(
        UpdateTaskStatusRequest request, StreamObserver<UpdateTaskStatusResponse> answers) {
      if (!takesStatuses) {
        answers.onError(new StatusException(Status.UNAVAILABLE));
        return;
      }
      statuses.add(request);
      answers.onNext(UpdateTaskStatusResponse.getDefaultInstance());
      answers.onCompleted();
    }
  }

  private final class Endpoints extends EndpointsGrpc.EndpointsImplBase {
    @Override
    public StreamObserver<EndpointsAck> watch(StreamObserver<EndpointsMessage> answers) {
      endpoints.add(answers);
      return new Recorder<>(acknowledged);
    }
  }

  private final class LogBroker extends LogBrokerGrpc.LogBrokerImplBase {
    @Override
    public void listenSubscriptions(
        ListenSubscriptionsRequest request, StreamObserver<SubscriptionMessage> answers) {
      subscribers.add(answers);
    }

    @Override
    public StreamObserver<PublishLogsMessage> publishLogs(
        StreamObserver<PublishLogsResponse> answers) {
      return new Recorder<>(published);
    }
  }

  private record Recorder<T>(BlockingQueue<T> queue) implements StreamObserver<T> {
    @Override
    public void onNext(T value) {
      queue.add(value);
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }
}
