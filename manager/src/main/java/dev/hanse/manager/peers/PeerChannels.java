package dev.hanse.manager.peers;

import com.google.protobuf.UnsafeByteOperations;
import dev.hanse.identity.ManagerChannel;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.model.RaftGrpc;
import dev.hanse.model.RaftMessage;
import dev.hanse.raft.log.Member;
import dev.hanse.raft.peer.PeerTransport;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Messages to other managers, over one connection to each that is kept, and another for large
 * messages, so that heartbeats never wait behind them. A connection on which nothing was answered
 * for a while is given up for a new one: after a cut in the network its retransmissions come ever
 * more seldom, a new one is tried at once. Not sooner: answers of a busy machine are late, and a
 * new connection makes it busier. One that was made with an earlier certificate is given up, too:
 * when that expires the other manager refuses what comes on it.
 */
public final class PeerChannels implements PeerTransport, AutoCloseable {
  /** Calls in a row that were not answered in time, and since when nothing was answered. */
  private static final int LATE_MAX = 2;

  private static final Duration SILENCE_MAX = Duration.ofMillis(2_500);

  /** What is larger has a connection of its own. */
  private static final int SMALL_BYTES_MAX = 64 * 1024;

  /** Room for what the gRPC message adds to its content. */
  private static final int MESSAGE_BYTES_MAX = PeerTransport.MESSAGE_BYTES_MAX + 64;

  private record Lane(String nodeId, boolean large) {}

  /**
   * A connection, as whom this manager has made it, and how many calls in a row have not been
   * answered in time, since when.
   */
  private record Peer(
      String address,
      NodeIdentity shown,
      ManagedChannel channel,
      AtomicInteger late,
      AtomicLong answeredNanos) {}

  private final TlsCredentials credentials;
  private final Map<Lane, Peer> peers = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /**
   * Creates it without any connection.
   *
   * @param credentials shown to the others, who must be managers of the same cluster
   */
  public PeerChannels(TlsCredentials credentials) {
    this.credentials = credentials;
  }

  @Override
  public byte[] call(Member to, byte[] request, Duration timeout) throws IOException {
    if (request.length > PeerTransport.MESSAGE_BYTES_MAX) {
      // gRPC would not tell, on a connection that is only being made.
      throw new IOException(
          "message of " + request.length + " bytes to manager " + to.nodeId() + " is too large");
    }
    Lane lane = new Lane(to.nodeId(), request.length > SMALL_BYTES_MAX);
    Peer peer = peer(to, lane);
    try {
      RaftMessage answer =
          RaftGrpc.newBlockingStub(peer.channel())
              .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
              .withMaxInboundMessageSize(MESSAGE_BYTES_MAX)
              .withMaxOutboundMessageSize(MESSAGE_BYTES_MAX)
              .exchange(
                  RaftMessage.newBuilder()
                      .setContent(UnsafeByteOperations.unsafeWrap(request))
                      .build());
      peer.late().set(0);
      peer.answeredNanos().set(System.nanoTime());
      return answer.getContent().toByteArray();
    } catch (StatusRuntimeException e) {
      failed(lane, peer, e.getStatus());
      throw new IOException(
          "manager " + to.nodeId() + " at " + to.address() + ": " + e.getStatus(), e);
    }
  }

  private Peer peer(Member to, Lane lane) throws IOException {
    if (closed) {
      throw new IOException("this manager is stopping");
    }
    try {
      return peers.compute(
          lane,
          (key, known) -> {
            NodeIdentity own = credentials.identity();
            if (known != null
                && known.address().equals(to.address())
                && known.shown().equals(own)) {
              return known;
            }
            retire(known, to);
            ManagedChannel channel = ManagerChannel.open(to.address(), credentials);
            return new Peer(
                to.address(), own, channel, new AtomicInteger(), new AtomicLong(System.nanoTime()));
          });
    } catch (IllegalArgumentException e) {
      throw new IOException("manager " + to.nodeId() + ": " + e.getMessage(), e);
    }
  }

  private void failed(Lane lane, Peer peer, Status status) {
    if (status.getCode() == Status.Code.UNAVAILABLE) {
      // Else the next attempt to connect waits ever longer, up to two minutes.
      peer.channel().resetConnectBackoff();
    }
    if (status.getCode() == Status.Code.DEADLINE_EXCEEDED
        && peer.late().incrementAndGet() >= LATE_MAX
        && System.nanoTime() - peer.answeredNanos().get() > SILENCE_MAX.toNanos()
        && peers.remove(lane, peer)) {
      close(peer);
    }
  }

  /** At the same address its calls may end by themselves. */
  private static void retire(@Nullable Peer peer, Member to) {
    if (peer != null && peer.address().equals(to.address())) {
      peer.channel().shutdown();
    } else if (peer != null) {
      close(peer);
    }
  }

  private static void close(Peer peer) {
    peer.channel().shutdownNow();
  }

  /** Closes all connections; calls fail from now on. */
  @Override
  public void close() {
    closed = true;
    peers.values().forEach(PeerChannels::close);
    peers.clear();
  }
}
