package dev.hanse.raft.peer;

import org.apache.ratis.conf.Parameters;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.server.ServerFactory;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;

/**
 * How Ratis reaches other members: through a {@link PeerTransport}, without a port of its own.
 * Ratis makes this type by its name, hence public with a public constructor; what it works with
 * comes as a parameter.
 */
public final class PeerRpcType implements RpcType {
  private static final String PEERS = "hanse.peers";

  /** Called by Ratis. */
  public PeerRpcType() {}

  /** Hands the peers to Ratis, which makes this type by its name. */
  public static Parameters parameters(Peers peers) {
    Parameters parameters = new Parameters();
    parameters.put(PEERS, peers, Peers.class);
    return parameters;
  }

  @Override
  public String name() {
    return PeerRpcType.class.getName();
  }

  @Override
  public RpcFactory newFactory(Parameters parameters) {
    return new Factory(parameters.getNonNull(PEERS, Peers.class));
  }

  private final class Factory implements ServerFactory {
    private final Peers peers;

    Factory(Peers peers) {
      this.peers = peers;
    }

    @Override
    public RpcType getRpcType() {
      return PeerRpcType.this;
    }

    @Override
    public RaftServerRpc newRaftServerRpc(RaftServer server) {
      return new PeerRpc(PeerRpcType.this, peers);
    }

    @Override
    public LogAppender newLogAppender(
        RaftServer.Division server, LeaderState state, FollowerInfo follower) {
      return new PeerAppender(server, state, follower, peers.health());
    }
  }
}
