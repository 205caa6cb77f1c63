package dev.hanse.raft.peer;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.hanse.model.Leadership;
import dev.hanse.model.RaftEnvelope;
import dev.hanse.raft.log.DataKey;
import dev.hanse.raft.log.LogKeys;
import dev.hanse.raft.log.Snapshots;
import java.io.IOException;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;

/** Answers what other members send, for one opened log. */
public final class Incoming {
  private final String self;
  private final RaftServer server;
  private final DivisionInfo info;
  private final Snapshots snapshots;
  private final Peers peers;
  private final LogKeys keys;

  /**
   * Answers for the member {@code self} with its opened log; what was saved is in the snapshots.
   */
  public Incoming(
      String self,
      RaftServer server,
      DivisionInfo info,
      Snapshots snapshots,
      Peers peers,
      LogKeys keys) {
    this.self = self;
    this.server = server;
    this.info = info;
    this.snapshots = snapshots;
    this.peers = peers;
    this.keys = keys;
  }

  /** Answers a member's message. */
  public RaftEnvelope answer(RaftEnvelope request) throws IOException {
    if (request.getDataKeysCount() > 0) {
      keys.add(Peers.keysOf(request));
    }
    RaftEnvelope.Builder answer = peers.envelope();
    switch (request.getBodyCase()) {
      case REQUEST_VOTE -> {
        var vote = RequestVoteRequestProto.parseFrom(bytes(request.getRequestVote()));
        check(request, vote.getServerRequest());
        if (vote.getPreVote() && !info.isLeader()) {
          peers.suspicion().listen(request.getNodeId());
        }
        answer.setRequestVote(wrap(server.requestVote(vote).toByteArray()));
      }
      case APPEND_ENTRIES -> {
        var append = AppendEntriesRequestProto.parseFrom(bytes(request.getAppendEntries()));
        check(request, append.getServerRequest());
        if (append.getLeaderTerm() >= info.getCurrentTerm()) {
          peers.suspicion().heard(request.getNodeId(), append.getLeaderTerm());
        }
        if (readable(append)) {
          answer.setAppendEntries(wrap(server.appendEntries(append).toByteArray()));
        } else {
          answer.setKeysWanted(true);
        }
      }
      case INSTALL_SNAPSHOT -> {
        var install = InstallSnapshotRequestProto.parseFrom(bytes(request.getInstallSnapshot()));
        check(request, install.getServerRequest());
        answer.setInstallSnapshot(wrap(server.installSnapshot(install).toByteArray()));
      }
      case START_LEADER_ELECTION -> {
        var start =
            StartLeaderElectionRequestProto.parseFrom(bytes(request.getStartLeaderElection()));
        check(request, start.getServerRequest());
        answer.setStartLeaderElection(wrap(server.startLeaderElection(start).toByteArray()));
      }
      case SNAPSHOT_PIECE -> {
        var wanted = request.getSnapshotPiece();
        answer.setSnapshotPiece(SnapshotFetch.read(snapshots, wanted));
        if (wanted.getOffset() == 0) {
          keys.all().forEach(key -> answer.addDataKeys(wrap(key)));
        }
      }
      case LEADERSHIP ->
          answer.setLeadership(Leadership.newBuilder().setLeads(info.isLeader()).build());
      case BODY_NOT_SET -> throw new IOException("empty message of " + request.getNodeId());
    }
    return answer.build();
  }

  /**
   * An answer counts as the answer of the member that was meant. Where an address has passed from
   * one manager to another, it would count for the wrong one.
   */
  private void check(RaftEnvelope envelope, RaftRpcRequestProto header) throws IOException {
    if (!header.getReplyId().toStringUtf8().equals(self)) {
      throw new IOException(
          "a message for manager "
              + header.getReplyId().toStringUtf8()
              + " came to manager "
              + self);
    }
    if (!header.getRequestorId().toStringUtf8().equals(envelope.getNodeId())) {
      throw new IOException(
          "manager " + envelope.getNodeId() + " speaks in another manager's name");
    }
  }

  /** Are all keys known with which the entries are sealed? */
  private boolean readable(AppendEntriesRequestProto append) {
    for (LogEntryProto entry : append.getEntriesList()) {
      if (entry.hasStateMachineLogEntry()) {
        var sealed = entry.getStateMachineLogEntry().getLogData();
        if (sealed.size() >= DataKey.ID_BYTES
            && !keys.has(sealed.asReadOnlyByteBuffer().getLong())) {
          return false;
        }
      }
    }
    return true;
  }

  private static byte[] bytes(ByteString field) {
    return field.toByteArray();
  }

  private static ByteString wrap(byte[] bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes);
  }
}
