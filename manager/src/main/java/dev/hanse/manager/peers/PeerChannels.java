package dev.hanse.manager.peers;

import com.google.protobuf.UnsafeByteOperations;
import dev.hanse.identity.ManagerChannel;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.model.RaftGrpc;
import dev.hanse.model.RaftMessage;
import dev.hanse.raft.Member;
import dev.hanse.raft.PeerTransport;
import dev.hanse.raft.RatisLog;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Messages to other managers, over one connection to each that is kept. A connection on which
 * nothing was answered in time, twice in a row, is given up for a new one: after a cut in the
 * network its retransmissions come ever more seldom, a new one is tried at once.
 */
public final class PeerChannels implements PeerTransport, AutoCloseable {
  private static final int LATE_MAX = 2;

  /** Room for what the gRPC message adds to its content. */
  private static final int MESSAGE_BYTES_MAX = RatisLog.MESSAGE_BYTES_MAX + 64;

  /** A connection, and how many calls in a row have not been answered in time. */
  private record Peer(String address, ManagedChannel channel, AtomicInteger late) {}

  private final TlsCredentials credentials;
  private final Map<String, Peer> peers = new ConcurrentHashMap<>();
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
    Peer peer = peer(to);
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
      return answer.getContent().toByteArray();
    } catch (StatusRuntimeException e) {
      failed(to, peer, e.getStatus());
      throw new IOException(
          "manager " + to.nodeId() + " at " + to.address() + ": " + e.getStatus(), e);
    }
  }

  private Peer peer(Member to) throws IOException {
    if (closed) {
      throw new IOException("this manager is stopping");
    }
    try {
      return peers.compute(
          to.nodeId(),
          (nodeId, known) -> {
            if (known != null && known.address().equals(to.address())) {
              return known;
            }
            close(known);
            ManagedChannel channel = ManagerChannel.open(to.address(), credentials);
            return new Peer(to.address(), channel, new AtomicInteger());
          });
    } catch (IllegalArgumentException e) {
      throw new IOException("manager " + to.nodeId() + ": " + e.getMessage(), e);
    }
  }

  private void failed(Member to, Peer peer, Status status) {
    if (status.getCode() == Status.Code.UNAVAILABLE) {
      // Else the next attempt to connect waits ever longer, up to two minutes.
      peer.channel().resetConnectBackoff();
    }
    if (status.getCode() == Status.Code.DEADLINE_EXCEEDED
        && peer.late().incrementAndGet() >= LATE_MAX
        && peers.remove(to.nodeId(), peer)) {
      close(peer);
    }
  }

  private static void close(@Nullable Peer peer) {
    if (peer != null) {
      peer.channel().shutdownNow();
    }
  }

  /** Closes all connections; calls fail from now on. */
  @Override
  public void close() {
    closed = true;
    peers.values().forEach(PeerChannels::close);
    peers.clear();
  }
}
