package dev.hanse.kernel.netlink;

import dev.hanse.kernel.network.Prefix;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Address families as numbers of the kernel (socket(2)), and addresses as their bytes. */
final class Family {
  static final int UNSPECIFIED = 0;
  static final int IPV4 = 2;
  static final int BRIDGE = 7;
  static final int IPV6 = 10;

  private Family() {}

  static int of(InetAddress address) {
    return address instanceof Inet4Address ? IPV4 : IPV6;
  }

  static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException fault) {
      throw new IllegalArgumentException("address of " + bytes.length + " bytes", fault);
    }
  }

  /** All zeros of that family, which routes and rules without a destination mean. */
  static Prefix everything(int family) {
    return family == IPV6 ? Prefix.everyIpv6() : Prefix.everyIpv4();
  }
}
