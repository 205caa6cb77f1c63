package dev.hanse.gossip;

import java.util.Optional;

/** What the driver shall do. Arrays belong to the driver from then on. */
@SuppressWarnings("ArrayRecordComponent") // never compared, handed over once
public sealed interface Effect {
  /**
   * Send a datagram; it may be lost.
   *
   * @param address {@code IP:PORT}
   */
  record Send(String address, byte[] datagram) implements Effect {}

  /**
   * Ask over a TCP connection, and call {@link Gossip#streamAnswered} or {@link
   * Gossip#streamFailed} within the timeout.
   *
   * @param exchange names the question
   * @param address {@code IP:PORT}
   * @param timeoutMs for connection and answer together
   */
  record Ask(long exchange, String address, byte[] request, long timeoutMs) implements Effect {}

  /**
   * Answer a question that {@link Gossip#receiveStream} was given.
   *
   * @param exchange as given there
   */
  record Answer(long exchange, byte[] answer) implements Effect {}

  /**
   * A node's state has changed; {@link Gossip#view} has it.
   *
   * @param before empty for a node not known before
   * @param after empty for a node that is forgotten
   */
  record Changed(String nodeId, Optional<MemberState> before, Optional<MemberState> after)
      implements Effect {}
}
