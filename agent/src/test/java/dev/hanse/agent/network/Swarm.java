package dev.hanse.agent.network;

import dev.hanse.model.Annotations;
import dev.hanse.model.Driver;
import dev.hanse.model.Endpoint;
import dev.hanse.model.EndpointRow;
import dev.hanse.model.EndpointsChange;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.NetworkRow;
import dev.hanse.model.NetworkSpec;
import dev.hanse.model.PeerRow;
import dev.hanse.model.PortConfig;
import dev.hanse.model.ServiceRow;
import dev.hanse.model.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The rows and tasks that a manager would send, made by hand. */
final class Swarm {
  static final Network INGRESS = network("ingressnetwork00000000000", "ingress", 4096, true);
  static final Network BACK = network("backnetwork00000000000000", "back", 4097, false);

  private final Map<String, EndpointsChange> rows = new LinkedHashMap<>();
  private long index;

  /** All hosts take part in both networks. */
  Swarm(int hosts) {
    for (Network network : List.of(INGRESS, BACK)) {
      put(
          network.getId(),
          EndpointsChange.newBuilder()
              .setNetwork(NetworkRow.newBuilder().setNetwork(network).setVni(vni(network))));
      for (int host = 1; host <= hosts; host++) {
        PeerRow.Builder peer =
            PeerRow.newBuilder()
                .setNetworkId(network.getId())
                .setNodeId("node-" + host)
                .setDataPathAddr("192.168.77." + host);
        if (network.equals(INGRESS)) {
          peer.setAddress("10.0.0." + (1 + host) + "/24")
              .setMacAddress("02:00:0a:00:00:%02x".formatted(host))
              .setOrdinal(host);
        }
        put(network.getId() + host, EndpointsChange.newBuilder().setPeer(peer));
      }
    }
  }

  private static Network network(String id, String name, int vni, boolean ingress) {
    return Network.newBuilder()
        .setId(id)
        .setSpec(
            NetworkSpec.newBuilder()
                .setAnnotations(Annotations.newBuilder().setName(name))
                .setDriverConfig(Driver.newBuilder().setName("overlay"))
                .setIngress(ingress))
        .setDriverState(
            Driver.newBuilder()
                .setName("overlay")
                .putOptions(
                    "com.docker.network.driver.overlay.vxlanid_list", Integer.toString(vni)))
        .build();
  }

  private static int vni(Network network) {
    return network.equals(INGRESS) ? 4096 : 4097;
  }

  private void put(String key, EndpointsChange.Builder change) {
    rows.put(key, change.build());
  }

  void service(Network network, String name, String virtualIp, PortConfig... ports) {
    put(
        "service" + network.getId() + name,
        EndpointsChange.newBuilder()
            .setService(
                ServiceRow.newBuilder()
                    .setNetworkId(network.getId())
                    .setServiceId("service-" + name)
                    .setName(name)
                    .setVirtualIp(virtualIp)
                    .addAllPorts(List.of(ports))));
  }

  /** Task "NAME-SLOT" with the addresses 10.0.0.LAST and 10.0.1.LAST. */
  Task task(String name, int slot, int host, int last, PortConfig... hostPorts) {
    endpoint(INGRESS, name, slot, host, "10.0.0." + last, true);
    endpoint(BACK, name, slot, host, "10.0.1." + last, true);
    return Task.newBuilder()
        .setId(name + "-" + slot)
        .setNodeId("node-" + host)
        .setEndpoint(Endpoint.newBuilder().addAllPorts(List.of(hostPorts)))
        .addNetworks(attachment(INGRESS, "10.0.0." + last))
        .addNetworks(attachment(BACK, "10.0.1." + last))
        .build();
  }

  static NetworkAttachment attachment(Network network, String address) {
    return NetworkAttachment.newBuilder()
        .setNetwork(network)
        .addAddresses(address + "/24")
        .setMacAddress(mac(network, address))
        .build();
  }

  private static String mac(Network network, String address) {
    int last = Integer.parseInt(address.substring(address.lastIndexOf('.') + 1));
    return "02:42:%02x:00:00:%02x".formatted(vni(network) - 4096, last);
  }

  void endpoint(Network network, String name, int slot, int host, String address, boolean ready) {
    put(
        "endpoint" + network.getId() + name + slot,
        EndpointsChange.newBuilder()
            .setEndpoint(
                EndpointRow.newBuilder()
                    .setNetworkId(network.getId())
                    .setTaskId(name + "-" + slot)
                    .setServiceId("service-" + name)
                    .setNodeId("node-" + host)
                    .setTaskName(name + "." + slot + "." + name + "-" + slot)
                    .setAddress(address + "/24")
                    .setMacAddress(mac(network, address))
                    .setReady(ready)));
  }

  void removeEndpoints(String name, int slot) {
    for (Network network : List.of(INGRESS, BACK)) {
      rows.remove("endpoint" + network.getId() + name + slot);
    }
  }

  /** Everything, as a complete message. */
  EndpointsMessage message() {
    index++;
    return EndpointsMessage.newBuilder()
        .setType(EndpointsMessage.Type.COMPLETE)
        .setIndex(index)
        .addAllChanges(new ArrayList<>(rows.values()))
        .build();
  }

  static PortConfig port(PortConfig.Protocol protocol, int published, int target) {
    return PortConfig.newBuilder()
        .setProtocol(protocol)
        .setPublishedPort(published)
        .setTargetPort(target)
        .build();
  }
}
