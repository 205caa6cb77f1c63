package dev.hanse.identity.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.identity.ManagerChannel;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.CurrentKey;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.Role;
import dev.hanse.identity.certificate.SigningAuthority;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a node that is no manager can make a manager hold, told by its certificate alone. */
@Tag("attack")
@Timeout(60)
class WorkerBoundsTest {
  private static final ClusterServer.Limits LIMITS = ClusterServer.Limits.DEFAULT;
  private static final String HANGING = "test.Peer/Hanging";
  private static final String STREAM = "test.Peer/Stream";

  @TempDir Path directory;
  private final BlockingQueue<StreamObserver<byte[]>> hanging = new LinkedBlockingQueue<>();
  private final BlockingQueue<Throwable> ended = new LinkedBlockingQueue<>();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private SigningAuthority authority;
  private Server server;

  @BeforeEach
  void start() throws Exception {
    authority = SigningAuthority.create(Instant.now(), new SecureRandom());
    ServerServiceDefinition service =
        ServerServiceDefinition.builder("test.Peer")
            .addMethod(
                TestPeers.method(HANGING, MethodType.UNARY),
                ServerCalls.asyncUnaryCall((question, answer) -> hanging.add(answer)))
            .addMethod(
                TestPeers.method(STREAM, MethodType.BIDI_STREAMING),
                ServerCalls.asyncBidiStreamingCall(answer -> answer))
            .build();
    server =
        ClusterServer.builder(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                credentials("m", Role.MANAGER),
                new AccessControl(
                    Map.of(HANGING, AccessControl.Access.NODES, STREAM, AccessControl.Access.NODES),
                    () -> TestPeers.MEMBERSHIP,
                    InstantSource.system()),
                LIMITS)
            .addService(service)
            .build()
            .start();
  }

  @AfterEach
  void stop() {
    channels.forEach(ManagedChannel::shutdownNow);
    server.shutdownNow();
  }

  private TlsCredentials credentials(String nodeId, Role role) throws IdentityException {
    return TestPeers.credentials(authority, nodeId, role, directory.resolve(nodeId));
  }

  private ManagedChannel channel(TlsCredentials credentials) {
    ManagedChannel channel = ManagerChannel.open("127.0.0.1:" + server.getPort(), credentials);
    channels.add(channel);
    return channel;
  }

  private void hang(ManagedChannel channel, int bytes) {
    ClientCalls.asyncUnaryCall(
        channel.newCall(TestPeers.method(HANGING, MethodType.UNARY), CallOptions.DEFAULT),
        new byte[bytes],
        new StreamObserver<>() {
          @Override
          public void onNext(byte[] answer) {}

          @Override
          public void onError(Throwable error) {
            ended.add(error);
          }

          @Override
          public void onCompleted() {}
        });
  }

  private <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(20, TimeUnit.SECONDS);
    assertThat(next).isNotNull();
    return next;
  }

  private static Status status(Throwable error) {
    return ((StatusRuntimeException) error).getStatus();
  }

  @Test
  void a_worker_has_a_number_of_calls_on_all_its_connections_and_gets_them_back() throws Exception {
    TlsCredentials worker = credentials("w", Role.WORKER);
    List<ManagedChannel> connections = List.of(channel(worker), channel(worker));
    for (int i = 0; i < LIMITS.workerCallsMax(); i++) {
      hang(connections.get(i % 2), 10);
      var unused = next(hanging);
    }
    hang(connections.getFirst(), 10);
    assertThat(status(next(ended)))
        .satisfies(
            refused -> {
              assertThat(refused.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
              assertThat(refused.getDescription()).isEqualTo("a node may have 64 calls under way");
            });
    // Others are not concerned.
    hang(channel(credentials("v", Role.WORKER)), 10);
    var unused = next(hanging);
    // Those of a connection that ends are free again.
    connections.get(1).shutdownNow();
    ManagedChannel again = channel(worker);
    while (hanging.isEmpty()) {
      hang(again, 10);
      while (hanging.isEmpty() && ended.poll(10, TimeUnit.MILLISECONDS) == null) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void a_request_that_is_held_is_short_and_a_managers_need_not_be() throws Exception {
    ManagedChannel worker = channel(credentials("w", Role.WORKER));
    hang(worker, LIMITS.workerRequestBytesMax());
    var unused = next(hanging);
    hang(worker, LIMITS.workerRequestBytesMax() + 1);
    assertThat(status(next(ended)).getDescription())
        .isEqualTo("a node's request is longer than 65536 bytes");
    assertThat(hanging).isEmpty();
    hang(channel(credentials("n", Role.MANAGER)), LIMITS.messageBytesMax());
    assertThat(next(hanging)).isNotNull();
  }

  @Test
  void a_message_that_is_announced_too_long_costs_the_connection() throws Exception {
    for (String name : List.of(HANGING, STREAM)) {
      try (RawClient client =
          RawClient.connect(
              "127.0.0.1",
              server.getPort(),
              new CurrentKey(credentials("w", Role.WORKER)::identity))) {
        client.call(1, "/" + name);
        client.frame(RawClient.DATA, 0, 1, head(LIMITS.workerMessageBytesMax()));
        client.frame(RawClient.PING, 0, 0, new byte[8]);
        client.flush();
        assertThat(client.awaitFrame(RawClient.PING)).as(name).isTrue();
        client.call(3, "/" + name);
        client.frame(RawClient.DATA, 0, 3, head(LIMITS.workerMessageBytesMax() + 1));
        client.flush();
        assertThat(client.awaitFrame(RawClient.GOAWAY)).as(name).isTrue();
        assertThat(client.awaitEnd()).as(name).isTrue();
      }
    }
  }

  private static byte[] head(int length) {
    return ByteBuffer.allocate(5).put((byte) 0).putInt(length).array();
  }

  @Test
  void a_compressed_message_is_not_taken() throws Exception {
    ManagedChannel worker = channel(credentials("w", Role.WORKER));
    assertThatThrownBy(
            () ->
                ClientCalls.blockingUnaryCall(
                    worker,
                    TestPeers.method(HANGING, MethodType.UNARY),
                    CallOptions.DEFAULT
                        .withCompression("gzip")
                        .withDeadlineAfter(20, TimeUnit.SECONDS),
                    new byte[100]))
        .satisfies(
            refused -> assertThat(status(refused).getCode()).isEqualTo(Status.Code.UNIMPLEMENTED));
    assertThat(hanging).isEmpty();
  }

  @Test
  void a_stream_of_long_messages_goes_on() throws Exception {
    BlockingQueue<byte[]> answers = new LinkedBlockingQueue<>();
    StreamObserver<byte[]> out =
        ClientCalls.asyncBidiStreamingCall(
            channel(credentials("w", Role.WORKER))
                .newCall(TestPeers.method(STREAM, MethodType.BIDI_STREAMING), CallOptions.DEFAULT),
            new StreamObserver<>() {
              @Override
              public void onNext(byte[] answer) {
                answers.add(answer);
              }

              @Override
              public void onError(Throwable error) {
                ended.add(error);
              }

              @Override
              public void onCompleted() {}
            });
    for (int i = 0; i < 20; i++) {
      out.onNext(new byte[LIMITS.workerMessageBytesMax() - i]);
      assertThat(next(answers)).hasSize(LIMITS.workerMessageBytesMax() - i);
    }
    out.onCompleted();
    assertThat(ended).isEmpty();
  }

  @Test
  void lengths_are_read_however_their_bytes_are_cut() {
    MessageLengths lengths = new MessageLengths(3);
    // Two streams, interleaved; the second message of the first is too long.
    byte[] first = {0, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 4};
    byte[] second = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 9};
    for (int i = 0; i < second.length; i++) {
      lengths.frame(0, 0, 1);
      lengths.content(Unpooled.wrappedBuffer(first), i, i + 1);
      lengths.frame(0, 0, 3);
      lengths.content(Unpooled.wrappedBuffer(second), i, i + 1);
      lengths.frame(1, 0, 5);
      lengths.content(Unpooled.wrappedBuffer(new byte[] {9, 9, 9, 9, 9}), 0, 5);
    }
    assertThat(lengths.excess()).isEmpty();
    // A stream that has ended is forgotten, in the middle of a message too.
    lengths.frame(3, 0, 1);
    lengths.frame(0, 0, 1);
    lengths.content(Unpooled.wrappedBuffer(first), 0, first.length);
    assertThat(lengths.excess()).contains("a message longer than 3 bytes");
  }
}
