package dev.hanse.gossip;

/**
 * The times and sizes. With the defaults a dead node is dead for all others 2.4 to 3.4 seconds
 * after its death, and one that stops for two seconds is only suspected: {@code probeTimeoutMs +
 * suspicionMinMs} must exceed the longest pause that is no death, by the time that a refutation
 * needs to spread.
 *
 * @param probeIntervalMs between two probes of this node
 * @param ackTimeoutMs without an answer for so long others and TCP are asked too
 * @param probeTimeoutMs without an answer for so long the probed node is suspected
 * @param indirectPings how many others are asked to ping
 * @param suspicionMinMs from suspicion to death when enough others suspect the same
 * @param suspicionMaxMs the same when nobody else does
 * @param confirmations how many others are enough
 * @param hearsayExtraMs a node that only heard of a suspicion waits longer before it declares a
 *     death: those with evidence of their own come first
 * @param stalledMaxMs from suspicion to death of a node whose machine still accepts connections
 * @param lastQuestionMs for so long before its death a suspect is asked over TCP; more than the
 *     second after which the kernel repeats a lost packet of a new connection
 * @param nudgeIntervalMs between two pings to a suspect, which tell it that it is suspected
 * @param gossipIntervalMs between two rounds of telling news, while there are news
 * @param gossipFanout how many members are told in a round
 * @param refutationFanout how many members are told at once by a node that refutes
 * @param retransmitFactor each statement is sent on so many times the binary logarithm of the
 *     number of members
 * @param localHealthMax the times of a node that works badly itself grow up to one more than this
 *     many times
 * @param lateMs a driver that comes later than this was stopped or starved
 * @param pushPullIntervalMs between two complete exchanges with a random member
 * @param deadPingIntervalMs between two pings to a dead node in a small swarm
 * @param forgetMs for so long a dead, away or left node is remembered
 * @param membersMax more are not taken in
 * @param datagramBytesMax of a datagram that this core makes
 */
public record GossipParameters(
    long probeIntervalMs,
    long ackTimeoutMs,
    long probeTimeoutMs,
    int indirectPings,
    long suspicionMinMs,
    long suspicionMaxMs,
    int confirmations,
    long hearsayExtraMs,
    long stalledMaxMs,
    long lastQuestionMs,
    long nudgeIntervalMs,
    long gossipIntervalMs,
    int gossipFanout,
    int refutationFanout,
    int retransmitFactor,
    int localHealthMax,
    long lateMs,
    long pushPullIntervalMs,
    long deadPingIntervalMs,
    long forgetMs,
    int membersMax,
    int datagramBytesMax) {
  /** What a daemon uses. */
  public static final GossipParameters DEFAULT =
      new GossipParameters(
          500,
          150,
          400,
          3,
          2_000,
          6_000,
          3,
          800,
          10_000,
          1_200,
          250,
          100,
          3,
          10,
          3,
          4,
          250,
          30_000,
          1_000,
          86_400_000,
          10_000,
          1_300);
}
