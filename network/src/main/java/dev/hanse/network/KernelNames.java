package dev.hanse.network;

import java.nio.charset.StandardCharsets;

/**
 * Names of what we make in the kernel. All start with one of the prefixes here, which is how
 * leftovers are recognised; a link's name has at most 15 characters.
 */
public final class KernelNames {
  /** Every bridge of ours starts so, and nothing else: foreign firewalls are told by it. */
  public static final String BRIDGE_PREFIX = "hanse-";

  /** The bridge of the tasks' way out. */
  public static final String EGRESS_BRIDGE = "hanse-egress";

  /** Start of the VXLAN links' names. */
  public static final String VXLAN_PREFIX = "hnx-";

  /** Start of the names of the host's ends of the tasks' links. */
  public static final String VETH_PREFIX = "hnv-";

  /** The nft table, in the host's and in every task's namespace. */
  public static final String TABLE = "hanse";

  /** The nft table of the host that keeps containers, networks and other machines apart. */
  public static final String GUARD_TABLE = "hanse-guard";

  /** The administrator's chain in it, evaluated before everything that is forwarded. */
  public static final String USER_CHAIN = "hanse-user";

  private static final int LINK_NAME_MAX = 15;

  private KernelNames() {}

  /** The bridge of an overlay network. */
  public static String bridge(String networkId) {
    return BRIDGE_PREFIX + head(networkId, LINK_NAME_MAX - BRIDGE_PREFIX.length());
  }

  /** The VXLAN link of an overlay network. */
  public static String vxlan(String networkId) {
    return VXLAN_PREFIX + head(networkId, LINK_NAME_MAX - VXLAN_PREFIX.length());
  }

  /** The host's end of a task's link. */
  public static String veth(String taskId, String linkName) {
    return VETH_PREFIX + digest(taskId + "/" + linkName);
  }

  /** Is it a link that only we make? */
  public static boolean isOurs(String linkName) {
    return linkName.startsWith(BRIDGE_PREFIX)
        || linkName.startsWith(VXLAN_PREFIX)
        || linkName.startsWith(VETH_PREFIX);
  }

  private static String head(String id, int length) {
    return id.length() <= length ? id : id.substring(0, length);
  }

  /** 55 bits of FNV-1a as eleven characters of base 36: names must only differ on one node. */
  private static String digest(String text) {
    long hash = 0xcbf29ce484222325L;
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (octet & 0xff)) * 0x100000001b3L;
    }
    String digits = Long.toString(hash >>> 9, 36);
    return "0".repeat(11 - digits.length()) + digits;
  }
}
