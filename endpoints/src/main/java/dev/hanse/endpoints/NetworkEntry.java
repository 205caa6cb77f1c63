package dev.hanse.endpoints;

import dev.hanse.model.Network;
import dev.hanse.model.NetworkSpec;
import dev.hanse.text.Digits;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A network.
 *
 * @param id the network's id
 * @param name the network's name
 * @param vni VXLAN network identifier
 * @param ingress is it the network of the routing mesh?
 * @param internal without a way out
 * @param mtu asked for by the driver option; empty to derive it from the underlay
 * @param opensControlPorts may its containers reach the cluster's ports of nodes?
 * @param foreignAddresses may its containers send from IP addresses that are not theirs?
 */
public record NetworkEntry(
    String id,
    String name,
    int vni,
    boolean ingress,
    boolean internal,
    OptionalInt mtu,
    boolean opensControlPorts,
    boolean foreignAddresses)
    implements Entry {
  static final String MTU_OPTION = "com.docker.network.driver.mtu";

  /** Label of a network whose containers may reach the cluster's ports of nodes. */
  static final String CONTROL_PORTS_LABEL = "hanse.control-ports";

  /** Label of a network whose containers may route for others, or move addresses among them. */
  static final String FOREIGN_ADDRESSES_LABEL = "hanse.foreign-addresses";

  static final String ALLOWED = "allow";

  private static final int VNI_MAX = (1 << 24) - 1;

  /** What the nodes need of a network; empty without an id or with an impossible VNI. */
  public static Optional<NetworkEntry> of(Network network, int vni) {
    if (network.getId().isEmpty() || vni < 1 || vni > VNI_MAX) {
      return Optional.empty();
    }
    NetworkSpec spec = network.getSpec();
    return Optional.of(
        new NetworkEntry(
            network.getId(),
            spec.getAnnotations().getName(),
            vni,
            spec.getIngress(),
            spec.getInternal(),
            mtu(spec.getDriverConfig().getOptionsOrDefault(MTU_OPTION, "")),
            allows(spec, CONTROL_PORTS_LABEL),
            allows(spec, FOREIGN_ADDRESSES_LABEL)));
  }

  private static boolean allows(NetworkSpec spec, String label) {
    return spec.getAnnotations().getLabelsOrDefault(label, "").equals(ALLOWED);
  }

  private static OptionalInt mtu(String text) {
    if (!Digits.are(text, 3, 5)) {
      return OptionalInt.empty();
    }
    int mtu = Integer.parseInt(text);
    return mtu >= 576 && mtu <= 65_535 ? OptionalInt.of(mtu) : OptionalInt.empty();
  }

  @Override
  public Key key() {
    return new Key(Kind.NETWORK, id);
  }
}
