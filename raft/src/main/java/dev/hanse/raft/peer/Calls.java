package dev.hanse.raft.peer;

import dev.hanse.raft.log.LogDirectory;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;

/** What each request to Ratis begins with: from us, to us. */
public final class Calls {
  public static final RaftGroupId GROUP = RaftGroupId.valueOf(LogDirectory.GROUP);

  private final RaftPeerId self;
  private final ClientId client = ClientId.randomId();
  private final AtomicLong ids = new AtomicLong();

  public Calls(String nodeId) {
    this.self = RaftPeerId.valueOf(nodeId);
  }

  public RaftPeerId self() {
    return self;
  }

  public ClientId client() {
    return client;
  }

  public long nextId() {
    return ids.incrementAndGet();
  }

  public RaftClientRequest.Builder request(long callId) {
    return RaftClientRequest.newBuilder()
        .setClientId(client)
        .setServerId(self)
        .setGroupId(GROUP)
        .setCallId(callId);
  }
}
