package dev.hanse.network;

import dev.hanse.model.EndpointRow;
import dev.hanse.model.NetworkRow;
import dev.hanse.model.NetworkSpec;
import dev.hanse.model.PeerRow;
import dev.hanse.model.ServiceRow;
import dev.hanse.text.Digits;
import java.util.Optional;
import java.util.OptionalInt;

/** From the rows of the wire to typed ones; what becomes packet rules is checked here. */
final class Rows {
  private static final int VNI_MAX = (1 << 24) - 1;
  private static final int ORDINAL_MAX = 65_535;
  static final String MTU_OPTION = "com.docker.network.driver.mtu";

  /** Label of a network whose containers may reach the cluster's ports of nodes. */
  static final String CONTROL_PORTS_LABEL = "hanse.control-ports";

  /** Label of a network whose containers may route for others, or move addresses among them. */
  static final String FOREIGN_ADDRESSES_LABEL = "hanse.foreign-addresses";

  static final String ALLOWED = "allow";

  private Rows() {}

  static Optional<NetworkEntry> network(NetworkRow row) {
    if (row.getNetwork().getId().isEmpty() || row.getVni() < 1 || row.getVni() > VNI_MAX) {
      return Optional.empty();
    }
    return Optional.of(entry(row.getNetwork(), row.getVni()));
  }

  static NetworkEntry entry(dev.hanse.model.Network network, int vni) {
    var spec = network.getSpec();
    return new NetworkEntry(
        network.getId(),
        spec.getAnnotations().getName(),
        vni,
        spec.getIngress(),
        spec.getInternal(),
        mtu(spec.getDriverConfig().getOptionsMap().getOrDefault(MTU_OPTION, "")),
        allows(spec, CONTROL_PORTS_LABEL),
        allows(spec, FOREIGN_ADDRESSES_LABEL));
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

  static Optional<Peer> peer(PeerRow row) {
    return Ipv4Address.parse(row.getDataPathAddr())
        .filter(address -> !row.getNodeId().isEmpty())
        .map(address -> new Peer(row.getNodeId(), address, own(row)));
  }

  private static Optional<Peer.Own> own(PeerRow row) {
    if (row.getOrdinal() < 1 || row.getOrdinal() > ORDINAL_MAX) {
      return Optional.empty();
    }
    return Ipv4Subnet.parse(row.getAddress())
        .flatMap(
            address ->
                MacAddress.parse(row.getMacAddress())
                    .map(mac -> new Peer.Own(address, mac, row.getOrdinal())));
  }

  static Optional<ServiceEntry> service(ServiceRow row) {
    if (row.getServiceId().isEmpty()
        || (!row.getVirtualIp().isEmpty() && Ipv4Address.parse(row.getVirtualIp()).isEmpty())) {
      return Optional.empty();
    }
    return Optional.of(
        new ServiceEntry(
            row.getServiceId(),
            row.getName(),
            Ipv4Address.parse(row.getVirtualIp()),
            row.getAliasesList(),
            row.getPortsList()));
  }

  static Optional<Endpoint> endpoint(EndpointRow row) {
    if (row.getTaskId().isEmpty()) {
      return Optional.empty();
    }
    return Ipv4Subnet.parse(row.getAddress())
        .flatMap(
            address ->
                MacAddress.parse(row.getMacAddress())
                    .map(
                        mac ->
                            new Endpoint(
                                row.getTaskId(),
                                row.getServiceId(),
                                row.getNodeId(),
                                row.getTaskName(),
                                address,
                                mac,
                                row.getAliasesList(),
                                row.getReady())));
  }
}
