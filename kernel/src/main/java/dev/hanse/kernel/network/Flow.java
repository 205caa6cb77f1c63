package dev.hanse.kernel.network;

import java.net.InetAddress;

/**
 * What connection tracking remembers of one exchange of datagrams, or of one connection that nobody
 * has answered yet.
 *
 * @param protocol udp or tcp, as packet rules name them
 * @param source who began it
 * @param sourcePort its port
 * @param destination to whom the first packet was sent, before translation
 * @param destinationPort its port
 * @param repliesFrom from whom replies are expected: the translated destination
 * @param repliesFromPort its port
 * @param translated whether a rule changed the destination
 */
public record Flow(
    String protocol,
    InetAddress source,
    int sourcePort,
    InetAddress destination,
    int destinationPort,
    InetAddress repliesFrom,
    int repliesFromPort,
    boolean translated) {}
