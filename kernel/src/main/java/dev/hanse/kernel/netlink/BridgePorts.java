package dev.hanse.kernel.netlink;

/** Options of a bridge's port (bridge(8)): IFLA_BRPORT attributes of linux/if_link.h. */
public final class BridgePorts {
  /** An option that is on or off. */
  public enum Option {
    /** A frame may leave by the port that it came from. */
    HAIRPIN(4),
    /** Senders of frames become forwarding entries. */
    LEARNING(8),
    /** Frames to unknown receivers leave by this port. */
    FLOOD(9),
    /** The bridge answers ARP in place of hosts behind this port. */
    PROXY_ARP(10),
    /** Multicast frames leave by this port. */
    MULTICAST_FLOOD(27),
    /** Broadcast frames leave by this port. */
    BROADCAST_FLOOD(30),
    /** ARP and neighbour discovery that the bridge can answer do not leave by this port. */
    NEIGHBOUR_SUPPRESSION(32),
    /** No traffic to other isolated ports. */
    ISOLATED(33);

    private final int attribute;

    Option(int attribute) {
      this.attribute = attribute;
    }
  }

  private static final int NESTED = 0x8000;

  private BridgePorts() {}

  /** Switches an option of the port with that interface index. */
  public static Change set(int index, Option option, boolean on) {
    return new Change(
        "set bridge port " + index + " " + option + (on ? " on" : " off"),
        (change, requests) -> {
          MessageWriter writer = requests.begin(change, LinkCodec.SET, 0);
          LinkCodec.writeFixed(writer, Family.BRIDGE, index, 0, 0);
          writer.nested(
              LinkCodec.IFLA_PROTINFO | NESTED,
              () -> writer.attributeU8(option.attribute, on ? 1 : 0));
          writer.end();
        });
  }
}
