package dev.hanse.agent.network.host;

import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.endpoints.Ipv4Subnet;
import dev.hanse.kernel.network.MacAddress;
import dev.hanse.kernel.network.Prefix;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** From the planner's addresses to those of the kernel's interface, and back. */
public final class KernelForms {
  private KernelForms() {}

  static InetAddress inet(Ipv4Address address) {
    try {
      return InetAddress.getByAddress(address.bytes());
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException("four bytes are an address", impossible);
    }
  }

  static Prefix prefix(Ipv4Subnet subnet) {
    return new Prefix(inet(subnet.address()), subnet.prefixLength());
  }

  static MacAddress mac(dev.hanse.endpoints.MacAddress mac) {
    return new MacAddress(mac.bits());
  }

  /** Empty for an IPv6 address. */
  public static Optional<Ipv4Address> ipv4(InetAddress address) {
    return address instanceof Inet4Address
        ? Optional.of(new Ipv4Address(ByteBuffer.wrap(address.getAddress()).getInt()))
        : Optional.empty();
  }

  /** Empty for an IPv6 prefix. */
  public static Optional<Ipv4Subnet> ipv4(Prefix prefix) {
    return ipv4(prefix.address()).map(address -> new Ipv4Subnet(address, prefix.length()));
  }
}
