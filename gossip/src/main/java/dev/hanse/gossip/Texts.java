package dev.hanse.gossip;

/**
 * Which node ids and addresses are taken from outside. What passes here can be used without a
 * further check: an address is one that a datagram can be sent to.
 */
final class Texts {
  private static final int PORT_MAX = 65_535;
  private static final int IPV4_PARTS = 4;
  private static final int IPV6_GROUPS = 8;
  private static final int MULTICAST_FIRST = 224;

  private Texts() {}

  static boolean isNodeId(String text) {
    if (text.isEmpty() || text.length() > MessageCodec.TEXT_BYTES_MAX) {
      return false;
    }
    return text.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  /**
   * {@code IP:PORT} of one host; digits, not names, so that nobody looks them up, and no zones,
   * which mean something else on each host.
   */
  static boolean isAddress(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1 || text.length() > MessageCodec.TEXT_BYTES_MAX) {
      return false;
    }
    String host = text.substring(0, colon);
    boolean known =
        host.startsWith("[")
            ? host.endsWith("]") && isIpv6(host.substring(1, host.length() - 1))
            : isIpv4(host);
    int port = decimal(text.substring(colon + 1), PORT_MAX);
    return known && port >= 1;
  }

  /** Of a single host: no "this network" (0), no multicast, no broadcast. */
  private static boolean isIpv4(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != IPV4_PARTS) {
      return false;
    }
    for (String part : parts) {
      // A leading zero is octal to some readers.
      if (decimal(part, 255) < 0 || (part.length() > 1 && part.startsWith("0"))) {
        return false;
      }
    }
    int first = decimal(parts[0], 255);
    return first > 0 && first < MULTICAST_FIRST;
  }

  /** As RFC 4291 has it, section 2.2, forms 1 and 2. */
  private static boolean isIpv6(String text) {
    int gap = text.indexOf("::");
    if (gap < 0) {
      return groups(text) == IPV6_GROUPS && !isNoHost(text);
    }
    String head = text.substring(0, gap);
    String tail = text.substring(gap + 2);
    int before = head.isEmpty() ? 0 : groups(head);
    int after = tail.isEmpty() ? 0 : groups(tail);
    return before >= 0 && after >= 0 && before + after < IPV6_GROUPS && !isNoHost(text);
  }

  /** How many groups; negative if one of them is none. */
  private static int groups(String text) {
    String[] groups = text.split(":", -1);
    for (String group : groups) {
      if (group.isEmpty()
          || group.length() > 4
          || !group.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 0x7f)) {
        return -1;
      }
    }
    return groups.length;
  }

  /** The unspecified address and multicast (ff00::/8). */
  private static boolean isNoHost(String text) {
    String first = text.substring(0, Math.max(0, text.indexOf(':')));
    boolean multicast = first.length() == 4 && first.regionMatches(true, 0, "ff", 0, 2);
    return multicast || text.chars().allMatch(c -> c == '0' || c == ':');
  }

  /** The number, negative if it is none or too large. */
  private static int decimal(String text, int max) {
    if (text.isEmpty() || text.length() > 5 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return -1;
    }
    int value = Integer.parseInt(text);
    return value <= max ? value : -1;
  }
}
