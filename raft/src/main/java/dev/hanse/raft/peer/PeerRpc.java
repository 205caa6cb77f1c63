package dev.hanse.raft.peer;

import com.google.protobuf.UnsafeByteOperations;
import dev.hanse.model.RaftEnvelope;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionReplyProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServerRpc;

/** Calls of Ratis to other members, put into envelopes. */
final class PeerRpc implements RaftServerRpc {
  /** An answer that comes later is of no use any more: another election has begun. */
  private static final Duration SHORT = Duration.ofSeconds(1);

  /** What a slow link may take for a full message. */
  private static final Duration PER_MEGABYTE = Duration.ofSeconds(4);

  private final RpcType type;
  private final Peers peers;

  PeerRpc(RpcType type, Peers peers) {
    this.type = type;
    this.peers = peers;
  }

  @Override
  public RpcType getRpcType() {
    return type;
  }

  @Override
  public void start() {}

  @Override
  public void close() {}

  /** Ratis wants one for its own messages; it is not listened to. */
  @Override
  public InetSocketAddress getInetSocketAddress() {
    return InetSocketAddress.createUnresolved("localhost", 0);
  }

  @Override
  public void addRaftPeers(Collection<RaftPeer> configuration) {
    peers.configure(configuration);
  }

  /** The transport reconnects by itself. */
  @Override
  public void handleException(RaftPeerId serverId, Exception e, boolean reconnect) {}

  @Override
  public RequestVoteReplyProto requestVote(RequestVoteRequestProto request) throws IOException {
    if (request.getPreVote()) {
      peers
          .suspicion()
          .confirm(request.getServerRequest().getReplyId().toStringUtf8(), peers::leads);
    }
    var body = UnsafeByteOperations.unsafeWrap(request.toByteArray());
    RaftEnvelope answer =
        call(request.getServerRequest(), peers.envelope().setRequestVote(body), SHORT);
    return RequestVoteReplyProto.parseFrom(answer.getRequestVote().toByteArray());
  }

  @Override
  public AppendEntriesReplyProto appendEntries(AppendEntriesRequestProto request)
      throws IOException {
    byte[] bytes = request.toByteArray();
    var envelope = peers.envelope().setAppendEntries(UnsafeByteOperations.unsafeWrap(bytes));
    RaftEnvelope answer =
        call(
            request.getServerRequest(),
            envelope,
            request.getEntriesCount() == 0 ? SHORT : patience(bytes.length));
    return AppendEntriesReplyProto.parseFrom(answer.getAppendEntries().toByteArray());
  }

  @Override
  public InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request)
      throws IOException {
    var body = UnsafeByteOperations.unsafeWrap(request.toByteArray());
    RaftEnvelope answer =
        call(request.getServerRequest(), peers.envelope().setInstallSnapshot(body), SHORT);
    return InstallSnapshotReplyProto.parseFrom(answer.getInstallSnapshot().toByteArray());
  }

  @Override
  public StartLeaderElectionReplyProto startLeaderElection(StartLeaderElectionRequestProto request)
      throws IOException {
    var body = UnsafeByteOperations.unsafeWrap(request.toByteArray());
    RaftEnvelope answer =
        call(request.getServerRequest(), peers.envelope().setStartLeaderElection(body), SHORT);
    return StartLeaderElectionReplyProto.parseFrom(answer.getStartLeaderElection().toByteArray());
  }

  /** Includes that the follower writes the entries to its disk. */
  static Duration patience(int bytes) {
    return SHORT.plus(PER_MEGABYTE.multipliedBy(bytes).dividedBy(1024 * 1024)).plus(SHORT);
  }

  private RaftEnvelope call(
      RaftRpcRequestProto header, RaftEnvelope.Builder request, Duration timeout)
      throws IOException {
    return peers.call(header.getReplyId().toStringUtf8(), request, timeout);
  }
}
