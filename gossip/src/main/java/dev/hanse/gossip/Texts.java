package dev.hanse.gossip;

/** Which node ids and addresses are taken from outside. */
final class Texts {
  private static final int PORT_MAX = 65_535;

  private Texts() {}

  static boolean isNodeId(String text) {
    if (text.isEmpty() || text.length() > MessageCodec.TEXT_BYTES_MAX) {
      return false;
    }
    return text.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  /** {@code IP:PORT}; digits, not names, so that nobody looks them up. */
  static boolean isAddress(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1 || text.length() > MessageCodec.TEXT_BYTES_MAX) {
      return false;
    }
    String host = text.substring(0, colon);
    String port = text.substring(colon + 1);
    boolean hostOk =
        host.startsWith("[")
            ? host.endsWith("]") && only("0123456789abcdefABCDEF:.%", host, 1, host.length() - 1)
            : only("0123456789.", host, 0, host.length());
    return hostOk
        && !port.isEmpty()
        && port.length() <= 5
        && only("0123456789", port, 0, port.length())
        && Integer.parseInt(port) >= 1
        && Integer.parseInt(port) <= PORT_MAX;
  }

  private static boolean only(String allowed, String text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (allowed.indexOf(text.charAt(i)) < 0) {
        return false;
      }
    }
    return to > from;
  }
}
