package dev.hanse.network;

import dev.hanse.model.Annotations;
import dev.hanse.model.Driver;
import dev.hanse.model.EndpointRow;
import dev.hanse.model.EndpointsChange;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkRow;
import dev.hanse.model.NetworkSpec;
import dev.hanse.model.PeerRow;
import dev.hanse.model.ServiceRow;

/** From typed rows back to those of the wire; {@link Rows} reads them again. */
final class RowsOut {
  private RowsOut() {}

  static void write(NetworkTable table, EndpointsMessage.Builder message) {
    NetworkEntry entry = table.entry();
    message.addChanges(EndpointsChange.newBuilder().setNetwork(network(entry)));
    for (Peer peer : table.peers().values()) {
      message.addChanges(EndpointsChange.newBuilder().setPeer(peer(entry.id(), peer)));
    }
    for (ServiceEntry service : table.services().values()) {
      message.addChanges(
          EndpointsChange.newBuilder()
              .setService(
                  ServiceRow.newBuilder()
                      .setNetworkId(entry.id())
                      .setServiceId(service.serviceId())
                      .setName(service.name())
                      .setVirtualIp(service.virtualIp().map(Ipv4Address::toString).orElse(""))
                      .addAllAliases(service.aliases())
                      .addAllPorts(service.ports())));
    }
    for (Endpoint endpoint : table.endpoints().values()) {
      message.addChanges(EndpointsChange.newBuilder().setEndpoint(endpoint(entry.id(), endpoint)));
    }
  }

  private static NetworkRow network(NetworkEntry entry) {
    Annotations.Builder annotations = Annotations.newBuilder().setName(entry.name());
    if (entry.opensControlPorts()) {
      annotations.putLabels(Rows.CONTROL_PORTS_LABEL, Rows.ALLOWED);
    }
    if (entry.foreignAddresses()) {
      annotations.putLabels(Rows.FOREIGN_ADDRESSES_LABEL, Rows.ALLOWED);
    }
    NetworkSpec.Builder spec =
        NetworkSpec.newBuilder()
            .setAnnotations(annotations)
            .setIngress(entry.ingress())
            .setInternal(entry.internal());
    entry
        .mtu()
        .ifPresent(
            mtu ->
                spec.setDriverConfig(
                    Driver.newBuilder().putOptions(Rows.MTU_OPTION, Integer.toString(mtu))));
    return NetworkRow.newBuilder()
        .setVni(entry.vni())
        .setNetwork(Network.newBuilder().setId(entry.id()).setSpec(spec))
        .build();
  }

  private static PeerRow peer(String networkId, Peer peer) {
    PeerRow.Builder row =
        PeerRow.newBuilder()
            .setNetworkId(networkId)
            .setNodeId(peer.nodeId())
            .setDataPathAddr(peer.dataPathAddress().toString());
    peer.own()
        .ifPresent(
            own ->
                row.setAddress(own.address().toString())
                    .setMacAddress(own.mac().toString())
                    .setOrdinal(own.ordinal()));
    return row.build();
  }

  private static EndpointRow endpoint(String networkId, Endpoint endpoint) {
    return EndpointRow.newBuilder()
        .setNetworkId(networkId)
        .setTaskId(endpoint.taskId())
        .setServiceId(endpoint.serviceId())
        .setNodeId(endpoint.nodeId())
        .setTaskName(endpoint.taskName())
        .setAddress(endpoint.address().toString())
        .setMacAddress(endpoint.mac().toString())
        .addAllAliases(endpoint.aliases())
        .setReady(endpoint.ready())
        .build();
  }
}
