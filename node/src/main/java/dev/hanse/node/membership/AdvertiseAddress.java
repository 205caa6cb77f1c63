package dev.hanse.node.membership;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Chooses the address under which a node is known to the others, by the rules of <a
 * href="https://docs.docker.com/reference/cli/docker/swarm/init/#advertise-addr">docker swarm
 * init</a>: an address or an interface name if given, else the listen address if it is a real one,
 * else the only address of the machine.
 */
public final class AdvertiseAddress {

  /** A candidate: an address and the interface that has it. */
  record Candidate(String device, String address) {}

  /** The choice cannot be made; the message says which addresses there are and what to do. */
  static final class Ambiguous extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    Ambiguous(String message) {
      super(message);
    }
  }

  private AdvertiseAddress() {}

  /**
   * Resolves what the user asked for.
   *
   * @param requested address, address:port or interface name; empty to choose
   * @param listenHost host part of the listen address, perhaps {@code 0.0.0.0}
   * @param flag the command line flag to name in the hint, {@code --advertise-addr}
   * @param candidates addresses of this machine, loopback and the program's own bridges left out
   * @throws Ambiguous if there is none or more than one to choose from, or the name is unknown
   */
  static String choose(
      String requested, String listenHost, String flag, List<Candidate> candidates) {
    if (!requested.isEmpty()) {
      return named(withoutPort(requested), flag, candidates);
    }
    if (!listenHost.isEmpty() && !isUnspecified(listenHost)) {
      return named(listenHost, flag, candidates);
    }
    if (candidates.isEmpty()) {
      throw new Ambiguous("could not find the system's IP address - specify one with " + flag);
    }
    if (candidates.size() == 1) {
      return candidates.getFirst().address();
    }
    Candidate first = candidates.get(0);
    Candidate second = candidates.get(1);
    String where =
        first.device().equals(second.device())
            ? "on interface %s (%s and %s)"
                .formatted(first.device(), first.address(), second.address())
            : "on different interfaces (%s on %s and %s on %s)"
                .formatted(first.address(), first.device(), second.address(), second.device());
    throw new Ambiguous(
        "could not choose an IP address to advertise since this system has multiple addresses "
            + where
            + " - specify one with "
            + flag);
  }

  private static String named(String requested, String flag, List<Candidate> candidates) {
    if (literal(requested).isPresent()) {
      if (isUnspecified(requested)) {
        throw new Ambiguous(
            flag + " must be a non-zero IP address or a network interface, not " + requested);
      }
      return requested;
    }
    List<Candidate> ofDevice =
        candidates.stream().filter(candidate -> candidate.device().equals(requested)).toList();
    if (ofDevice.isEmpty()) {
      throw new Ambiguous(
          flag + " must be a valid IP address or interface, and \"" + requested + "\" is neither");
    }
    if (ofDevice.size() > 1) {
      throw new Ambiguous(
          "interface %s has more than one IPv4 address (%s and %s) - specify one of them with %s"
              .formatted(requested, ofDevice.get(0).address(), ofDevice.get(1).address(), flag));
    }
    return ofDevice.getFirst().address();
  }

  /** Whether the text names an interface of this machine. */
  static boolean isDevice(String text, List<Candidate> candidates) {
    return candidates.stream().anyMatch(candidate -> candidate.device().equals(text));
  }

  /** The addresses of this machine on which others may reach it. */
  static List<Candidate> candidates() {
    List<Candidate> found = new ArrayList<>();
    try {
      for (NetworkInterface device : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        if (!device.isUp() || device.isLoopback() || isOwnDevice(device.getName())) {
          continue;
        }
        for (InterfaceAddress address : device.getInterfaceAddresses()) {
          if (address.getAddress() instanceof Inet4Address inet && !inet.isLinkLocalAddress()) {
            found.add(new Candidate(device.getName(), inet.getHostAddress()));
          }
        }
      }
    } catch (SocketException fault) {
      throw new UncheckedIOException("list the network interfaces of this machine", fault);
    }
    return found;
  }

  private static boolean isOwnDevice(String name) {
    return name.startsWith("docker")
        || name.startsWith("hanse")
        || name.startsWith("hb")
        || name.startsWith("veth");
  }

  private static boolean isUnspecified(String host) {
    return literal(host).map(InetAddress::isAnyLocalAddress).orElse(false);
  }

  private static Optional<InetAddress> literal(String host) {
    try {
      return Optional.of(InetAddress.ofLiteral(host));
    } catch (IllegalArgumentException notAnAddress) {
      return Optional.empty();
    }
  }

  /** Splits {@code host[:port]}; the host alone if there is no port. */
  public static String withoutPort(String address) {
    int colon = address.lastIndexOf(':');
    return colon > 0 && address.indexOf(':') == colon ? address.substring(0, colon) : address;
  }

  /** The port of {@code host[:port]}, or the default. */
  public static int port(String address, int defaultPort) throws IOException {
    int colon = address.lastIndexOf(':');
    if (colon < 0 || address.indexOf(':') != colon) {
      return defaultPort;
    }
    try {
      int port = Integer.parseInt(address.substring(colon + 1));
      if (port > 0 && port < 65536) {
        return port;
      }
    } catch (NumberFormatException notANumber) {
      // falls through to the one message below
    }
    throw new IOException("invalid address " + address + ": the port must be 1 to 65535");
  }
}
