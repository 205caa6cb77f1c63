package dev.hanse.raft.peer;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.hanse.health.Health;
import dev.hanse.health.LivedTime;
import dev.hanse.model.Leadership;
import dev.hanse.model.RaftEnvelope;
import dev.hanse.raft.log.GroupOrigin;
import dev.hanse.raft.log.LogKeys;
import dev.hanse.raft.log.Member;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.ratis.protocol.RaftPeer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The other members: where they are, when each was last heard of, and messages to them. The
 * addresses come with the configuration of the group; what a member says of itself in a message is
 * newer, so a member that came back elsewhere is found as soon as it has called somebody.
 */
public final class Peers {
  private static final Logger log = LoggerFactory.getLogger(Peers.class);

  private final Member self;
  private final GroupOrigin origin;
  private final LogKeys keys;
  private final PeerTransport transport;
  private final Map<String, String> configured = new ConcurrentHashMap<>();
  private final Map<String, String> told = new ConcurrentHashMap<>();
  private final Health health;
  private final LivedTime clock = LivedTime.ofProcess();
  private final LeaderSuspicion suspicion = new LeaderSuspicion(clock);

  /** When, in lived time. */
  private final Map<String, Long> answered = new ConcurrentHashMap<>();

  /**
   * Knows none yet; all messages go by the transport, in the name of {@code self} and of its group.
   */
  public Peers(
      Member self, GroupOrigin origin, LogKeys keys, PeerTransport transport, Health health) {
    this.self = self;
    this.health = health;
    this.origin = origin;
    this.keys = keys;
    this.transport = transport;
  }

  /** Takes the addresses of a configuration; one that has changed there replaces what was told. */
  void configure(Collection<RaftPeer> peers) {
    for (RaftPeer peer : peers) {
      String nodeId = peer.getId().toString();
      String address = Optional.ofNullable(peer.getAddress()).orElse("");
      String before = configured.put(nodeId, address);
      if (before != null && !before.equals(address)) {
        told.remove(nodeId);
      }
    }
  }

  /** The address that the member itself has told, if any. */
  public Optional<String> told(String nodeId) {
    return nodeId.equals(self.nodeId())
        ? Optional.of(self.address())
        : Optional.ofNullable(told.get(nodeId));
  }

  private Optional<String> address(String nodeId) {
    return Optional.ofNullable(told.getOrDefault(nodeId, configured.get(nodeId)))
        .filter(address -> !address.isEmpty());
  }

  /** The clock that counts how long others are silent. */
  public LivedTime clock() {
    return clock;
  }

  /** What the threads of the log report to. */
  public Health health() {
    return health;
  }

  /** Whether the leader is still one. */
  public LeaderSuspicion suspicion() {
    return suspicion;
  }

  /** How long ago a member has last answered, at most since the given time; both lived time. */
  public Duration silence(String nodeId, long since) {
    return Duration.ofNanos(clock.now() - Math.max(since, answered.getOrDefault(nodeId, since)));
  }

  /** Asks a member whether it leads. */
  boolean leads(String nodeId, Duration patience) throws IOException {
    var question = Leadership.getDefaultInstance();
    return call(nodeId, envelope().setLeadership(question), patience).getLeadership().getLeads();
  }

  /** An envelope of this member, without a body. */
  RaftEnvelope.Builder envelope() {
    return RaftEnvelope.newBuilder()
        .setNodeId(self.nodeId())
        .setAddress(self.address())
        .setGroup(origin.group().orElse(""));
  }

  /**
   * Sends a request and waits for the answer.
   *
   * @throws IOException if there was none within the time
   */
  RaftEnvelope call(String nodeId, RaftEnvelope.Builder request, Duration timeout)
      throws IOException {
    RaftEnvelope answer = exchange(nodeId, request, timeout);
    if (answer.getKeysWanted()) {
      keys.all().forEach(key -> request.addDataKeys(UnsafeByteOperations.unsafeWrap(key)));
      answer = exchange(nodeId, request, timeout);
    }
    return answer;
  }

  private RaftEnvelope exchange(String nodeId, RaftEnvelope.Builder request, Duration timeout)
      throws IOException {
    String address =
        address(nodeId)
            .orElseThrow(() -> new IOException("no address of manager " + nodeId + " is known"));
    byte[] bytes = request.build().toByteArray();
    if (bytes.length > PeerTransport.MESSAGE_BYTES_MAX) {
      throw new IOException(
          "message of " + bytes.length + " bytes to manager " + nodeId + " is too large");
    }
    RaftEnvelope answer = parse(transport.call(new Member(nodeId, address), bytes, timeout));
    if (!answer.getNodeId().equals(nodeId)) {
      throw new IOException(
          "manager " + answer.getNodeId() + " answers at " + address + " instead of " + nodeId);
    }
    answered.put(nodeId, clock.now());
    return answer;
  }

  /** Reads a request of another member, and learns from it where it is. */
  public RaftEnvelope receive(String sentBy, byte[] request) throws IOException {
    if (request.length > PeerTransport.MESSAGE_BYTES_MAX) {
      throw new IOException(
          "message of " + request.length + " bytes from manager " + sentBy + " is too large");
    }
    RaftEnvelope envelope = parse(request);
    if (!envelope.getNodeId().equals(sentBy)) {
      throw new IOException("manager " + sentBy + " speaks in another manager's name");
    }
    origin.accept(envelope.getNodeId(), envelope.getGroup());
    Member sender = member(envelope);
    String before = told.put(sender.nodeId(), sender.address());
    if (before != null && !before.equals(sender.address())) {
      log.info("manager {} has moved from {} to {}", sender.nodeId(), before, sender.address());
    }
    return envelope;
  }

  private static Member member(RaftEnvelope envelope) throws IOException {
    try {
      return new Member(envelope.getNodeId(), envelope.getAddress());
    } catch (IllegalArgumentException e) {
      throw new IOException("a message of another manager lacks its node id or its address", e);
    }
  }

  private static RaftEnvelope parse(byte[] bytes) throws IOException {
    try {
      return RaftEnvelope.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IOException("malformed message of another manager", e);
    }
  }

  static List<byte[]> keysOf(RaftEnvelope envelope) {
    return envelope.getDataKeysList().stream().map(ByteString::toByteArray).toList();
  }
}
