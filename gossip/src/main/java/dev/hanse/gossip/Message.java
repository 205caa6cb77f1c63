package dev.hanse.gossip;

import java.util.List;

/** What a packet is for; every packet also introduces its sender and carries statements. */
sealed interface Message {
  /**
   * Are you there?
   *
   * @param sequence repeated in the answer
   * @param targetId who is meant: an address may have gone over to another node
   * @param digest of what the sender thinks of all nodes
   */
  record Ping(long sequence, String targetId, long digest) implements Message {}

  /** I am here, or the node that you have asked me to ping is. */
  record Ack(long sequence, long digest) implements Message {}

  /** I am here, but the node that you have asked me to ping does not answer. */
  record Nack(long sequence) implements Message {}

  /**
   * Ping this node for me.
   *
   * @param timeoutMs how long the sender waits
   */
  record PingRequest(long sequence, String targetId, String targetAddress, long timeoutMs)
      implements Message {}

  /** Only statements. */
  record News() implements Message {}

  /** Everything that the sender knows, over TCP; the answer is of the same kind. */
  record State() implements Message {}

  /** The whole. */
  record Packet(Member sender, Message message, List<Update> updates) {}
}
