package dev.hanse.network;

import dev.hanse.endpoints.AppliedTable;
import dev.hanse.endpoints.Attempt;
import dev.hanse.endpoints.EndpointEntry;
import dev.hanse.endpoints.EndpointTable;
import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.endpoints.Ipv4Subnet;
import dev.hanse.endpoints.NetworkTable;
import dev.hanse.model.Annotations;
import dev.hanse.model.EndpointRow;
import dev.hanse.model.EndpointsChange;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkRow;
import dev.hanse.model.NetworkSpec;
import dev.hanse.model.PeerRow;
import dev.hanse.model.PortConfig;
import dev.hanse.model.ServiceRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Builds the rows of a made-up cluster, as a manager would send them. */
final class Cluster {
  static final String INGRESS = "ingress0000000000000000000";
  static final String BACK = "backnet0000000000000000000";

  private final List<EndpointsChange> changes = new ArrayList<>();

  Cluster ingress() {
    return network(INGRESS, "ingress", 4096, true);
  }

  Cluster network(String id, String name, int vni, boolean ingress) {
    changes.add(
        EndpointsChange.newBuilder()
            .setNetwork(
                NetworkRow.newBuilder()
                    .setVni(vni)
                    .setNetwork(
                        Network.newBuilder()
                            .setId(id)
                            .setSpec(
                                NetworkSpec.newBuilder()
                                    .setIngress(ingress)
                                    .setAnnotations(Annotations.newBuilder().setName(name)))))
            .build());
    return this;
  }

  /** Node n: data path 192.168.7.n, in the ingress network 10.0.0.(1+n). */
  Cluster peer(String network, int node) {
    PeerRow.Builder row =
        PeerRow.newBuilder()
            .setNetworkId(network)
            .setNodeId("node" + node)
            .setDataPathAddr("192.168.7." + node);
    if (network.equals(INGRESS)) {
      row.setAddress("10.0.0." + (1 + node) + "/24")
          .setMacAddress("02:00:00:00:00:0" + node)
          .setOrdinal(node);
    }
    changes.add(EndpointsChange.newBuilder().setPeer(row).build());
    return this;
  }

  Cluster service(String network, String name, String virtualIp, PortConfig... ports) {
    changes.add(
        EndpointsChange.newBuilder()
            .setService(
                ServiceRow.newBuilder()
                    .setNetworkId(network)
                    .setServiceId("service-" + name)
                    .setName(name)
                    .setVirtualIp(virtualIp)
                    .addAliases(name + "-alias")
                    .addAllPorts(List.of(ports)))
            .build());
    return this;
  }

  Cluster endpoint(
      String network, String service, int slot, int node, String address, boolean ready) {
    String task = "task-" + service + "-" + slot;
    int last = Ipv4Address.of(address).bits() & 0xff;
    changes.add(
        EndpointsChange.newBuilder()
            .setEndpoint(
                EndpointRow.newBuilder()
                    .setNetworkId(network)
                    .setTaskId(task)
                    .setServiceId("service-" + service)
                    .setNodeId("node" + node)
                    .setTaskName(service + "." + slot + "." + task)
                    .setAddress(address + "/24")
                    .setMacAddress(
                        "02:42:%02x:00:00:%02x".formatted(network.equals(INGRESS) ? 0 : 1, last))
                    .addAliases(service + "-alias")
                    .addAliases("only-" + slot)
                    .setReady(ready))
            .build());
    return this;
  }

  static PortConfig port(PortConfig.Protocol protocol, int published, int target) {
    return PortConfig.newBuilder()
        .setProtocol(protocol)
        .setPublishedPort(published)
        .setTargetPort(target)
        .build();
  }

  EndpointsMessage message(EndpointsMessage.Type type, long index) {
    return EndpointsMessage.newBuilder()
        .setType(type)
        .setIndex(index)
        .addAllChanges(changes)
        .build();
  }

  EndpointTable table() {
    return switch (AppliedTable.none().apply(message(EndpointsMessage.Type.COMPLETE, 1))) {
      case Attempt.Done<AppliedTable>(AppliedTable applied) -> applied.table();
      case Attempt.Refused<AppliedTable>(String reason) -> throw new AssertionError(reason);
    };
  }

  /** What a table is after these entries came to it. */
  EndpointTable addedTo(EndpointTable table) {
    EndpointsMessage message = message(EndpointsMessage.Type.INCREMENTAL, 2);
    return switch (new AppliedTable(1, table).apply(message)) {
      case Attempt.Done<AppliedTable>(AppliedTable applied) -> applied.table();
      case Attempt.Refused<AppliedTable>(String reason) -> throw new AssertionError(reason);
    };
  }

  static NodeFacts facts(int node) {
    return new NodeFacts(
        "node" + node,
        Ipv4Address.of("192.168.7." + node),
        4789,
        1500,
        Ipv4Subnet.of("172.18.0.1/16"),
        Set.of(2377, 7946),
        Set.of(),
        true);
  }

  /** A task with the same attachment data as the entries of {@link #endpoint}. */
  static LocalTask task(
      EndpointTable table, String service, int slot, Optional<String> egress, PortConfig... ports) {
    String task = "task-" + service + "-" + slot;
    List<LocalTask.Attachment> attachments = new ArrayList<>();
    for (NetworkTable network : table.networks().stream().toList().reversed()) {
      EndpointEntry endpoint = network.endpoints().get(task);
      if (endpoint != null) {
        attachments.add(
            new LocalTask.Attachment(
                network.entry(),
                "eth" + attachments.size(),
                endpoint.address(),
                endpoint.mac(),
                endpoint.aliases()));
      }
    }
    return new LocalTask(
        task,
        new LocalTask.Networking.Own(attachments, egress.map(Ipv4Address::of), List.of(ports)));
  }
}
