package dev.hanse.raft;

import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;

/** What each request to Ratis begins with: from us, to us. */
final class Calls {
  static final RaftGroupId GROUP = RaftGroupId.valueOf(LogDirectory.GROUP);

  private final RaftPeerId self;
  private final ClientId client = ClientId.randomId();
  private final AtomicLong ids = new AtomicLong();

  Calls(String nodeId) {
    this.self = RaftPeerId.valueOf(nodeId);
  }

  RaftPeerId self() {
    return self;
  }

  ClientId client() {
    return client;
  }

  long nextId() {
    return ids.incrementAndGet();
  }

  RaftClientRequest.Builder request(long callId) {
    return RaftClientRequest.newBuilder()
        .setClientId(client)
        .setServerId(self)
        .setGroupId(GROUP)
        .setCallId(callId);
  }
}
