package dev.hanse.model;

import java.util.Comparator;
import java.util.Locale;

/**
 * The part of a {@link PortConfig} that can be given but once, in the swarm or on a node: wherever
 * ports are compared, looked up or told apart, this is what they are known by. All else about a
 * port is read from its {@link PortConfig}, from the API to the packet rules.
 *
 * @param protocol TCP, UDP or SCTP
 * @param number 1 to 65535; 0 means any, where one may be asked for
 */
public record PublishedPort(PortConfig.Protocol protocol, int number)
    implements Comparable<PublishedPort> {
  private static final int NUMBER_MAX = 65_535;

  private static final Comparator<PublishedPort> ORDER =
      Comparator.comparing(PublishedPort::protocolName).thenComparingInt(PublishedPort::number);

  /** By what a port is known. */
  public static PublishedPort of(PortConfig port) {
    return new PublishedPort(port.getProtocol(), port.getPublishedPort());
  }

  /** Whether a number can be one of a port. */
  public static boolean isNumber(int number) {
    return number > 0 && number <= NUMBER_MAX;
  }

  /** "tcp", as Docker and packet rules write it. */
  public String protocolName() {
    return protocol.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public int compareTo(PublishedPort other) {
    return ORDER.compare(this, other);
  }

  /** "8080/tcp". */
  @Override
  public String toString() {
    return Integer.toUnsignedString(number) + "/" + protocolName();
  }
}
