package dev.hanse.endpoints;

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
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * From changes to the wire; {@link AppliedTable#apply} reads it. It remembers the entries that it
 * has written, as many nodes are told the same: to be thrown away with the state that is told. Of
 * one thread.
 */
public final class EndpointEncoder {
  /** By the entry's object: what is equal mostly is the same, and need not be compared. */
  private final IdentityHashMap<Entry, EndpointsChange> written = new IdentityHashMap<>();

  /** By the table's object. */
  private final IdentityHashMap<NetworkTable, List<EndpointsChange>> whole =
      new IdentityHashMap<>();

  /** With nothing written. */
  public EndpointEncoder() {}

  /** A message with these changes. */
  public EndpointsMessage message(EndpointsMessage.Type type, long index, List<Change> changes) {
    EndpointsMessage.Builder message = EndpointsMessage.newBuilder().setType(type).setIndex(index);
    for (Change change : changes) {
      switch (change) {
        case Change.Whole(NetworkTable table) ->
            message.addAllChanges(whole.computeIfAbsent(table, EndpointEncoder::whole));
        case Change.Put(String networkId, Entry entry) ->
            message.addChanges(written.computeIfAbsent(entry, it -> put(networkId, it)));
        case Change.Remove removal -> message.addChanges(remove(removal));
      }
    }
    return message.build();
  }

  private static List<EndpointsChange> whole(NetworkTable table) {
    List<EndpointsChange> puts = new ArrayList<>();
    table.entries().forEach(entry -> puts.add(put(table.entry().id(), entry)));
    return puts;
  }

  private static EndpointsChange put(String networkId, Entry entry) {
    EndpointsChange.Builder change =
        EndpointsChange.newBuilder().setAction(EndpointsChange.Action.PUT);
    return switch (entry) {
      case NetworkEntry network -> change.setNetwork(network(network)).build();
      case PeerEntry peer -> change.setPeer(peer(networkId, peer)).build();
      case ServiceEntry service -> change.setService(service(networkId, service)).build();
      case EndpointEntry endpoint -> change.setEndpoint(endpoint(networkId, endpoint)).build();
    };
  }

  private static EndpointsChange remove(Change.Remove removal) {
    String networkId = removal.networkId();
    String id = removal.key().id();
    EndpointsChange.Builder change =
        EndpointsChange.newBuilder().setAction(EndpointsChange.Action.REMOVE);
    switch (removal.key().kind()) {
      case NETWORK -> change.getNetworkBuilder().getNetworkBuilder().setId(id);
      case PEER -> change.getPeerBuilder().setNetworkId(networkId).setNodeId(id);
      case SERVICE -> change.getServiceBuilder().setNetworkId(networkId).setServiceId(id);
      case ENDPOINT -> change.getEndpointBuilder().setNetworkId(networkId).setTaskId(id);
    }
    return change.build();
  }

  private static NetworkRow network(NetworkEntry entry) {
    Annotations.Builder annotations = Annotations.newBuilder().setName(entry.name());
    if (entry.opensControlPorts()) {
      annotations.putLabels(NetworkEntry.CONTROL_PORTS_LABEL, NetworkEntry.ALLOWED);
    }
    if (entry.foreignAddresses()) {
      annotations.putLabels(NetworkEntry.FOREIGN_ADDRESSES_LABEL, NetworkEntry.ALLOWED);
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
                    Driver.newBuilder()
                        .putOptions(NetworkEntry.MTU_OPTION, Integer.toString(mtu))));
    return NetworkRow.newBuilder()
        .setVni(entry.vni())
        .setNetwork(Network.newBuilder().setId(entry.id()).setSpec(spec))
        .build();
  }

  private static PeerRow peer(String networkId, PeerEntry peer) {
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

  private static ServiceRow service(String networkId, ServiceEntry service) {
    return ServiceRow.newBuilder()
        .setNetworkId(networkId)
        .setServiceId(service.serviceId())
        .setName(service.name())
        .setVirtualIp(service.virtualIp().map(Ipv4Address::toString).orElse(""))
        .addAllAliases(service.aliases())
        .addAllPorts(service.ports())
        .build();
  }

  private static EndpointRow endpoint(String networkId, EndpointEntry endpoint) {
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
