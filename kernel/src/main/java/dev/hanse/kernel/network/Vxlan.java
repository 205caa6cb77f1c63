package dev.hanse.kernel.network;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is special about a VXLAN interface (RFC 7348), both wanted and found.
 *
 * @param id the network identifier, 24 bits
 * @param port UDP destination port, and the port listened on
 * @param local source address of the outer packets
 * @param learning whether the sender of each frame becomes a forwarding entry; off when entries are
 *     static
 * @param proxy whether the interface answers ARP itself from its neighbour entries
 * @param ttl hop limit of the outer packets; the kernel's choice if empty
 * @param dontFragment the DF bit of the outer packets
 */
public record Vxlan(
    int id,
    int port,
    Optional<InetAddress> local,
    boolean learning,
    boolean proxy,
    OptionalInt ttl,
    DontFragment dontFragment) {
  /** The DF bit of the outer packets. */
  public enum DontFragment {
    UNSET(0),
    SET(1),
    /** As the inner packet has it. */
    INHERIT(2);

    private final int number;

    DontFragment(int number) {
      this.number = number;
    }

    /** The kernel's number of it. */
    public int number() {
      return number;
    }

    /** The setting of that number, UNSET if there is none. */
    public static DontFragment of(int number) {
      return switch (number) {
        case 1 -> SET;
        case 2 -> INHERIT;
        default -> UNSET;
      };
    }
  }

  private static final int ID_MAX = (1 << 24) - 1;
  private static final int PORT_MAX = 0xffff;

  public Vxlan {
    if (id < 0 || id > ID_MAX) {
      throw new IllegalArgumentException("VXLAN identifier " + id + " is not within 24 bits");
    }
    if (port < 1 || port > PORT_MAX) {
      throw new IllegalArgumentException("VXLAN port " + port);
    }
  }

  /** Without learning and proxy, and with the kernel's choice of the rest. */
  public static Vxlan of(int id, int port) {
    return new Vxlan(
        id, port, Optional.empty(), false, false, OptionalInt.empty(), DontFragment.UNSET);
  }

  public Vxlan withLocal(InetAddress wanted) {
    return new Vxlan(id, port, Optional.of(wanted), learning, proxy, ttl, dontFragment);
  }

  public Vxlan withLearning(boolean wanted) {
    return new Vxlan(id, port, local, wanted, proxy, ttl, dontFragment);
  }

  public Vxlan withProxy(boolean wanted) {
    return new Vxlan(id, port, local, learning, wanted, ttl, dontFragment);
  }

  public Vxlan withTtl(int wanted) {
    return new Vxlan(id, port, local, learning, proxy, OptionalInt.of(wanted), dontFragment);
  }

  public Vxlan withDontFragment(DontFragment wanted) {
    return new Vxlan(id, port, local, learning, proxy, ttl, wanted);
  }
}
