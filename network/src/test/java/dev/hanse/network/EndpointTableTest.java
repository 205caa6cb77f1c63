package dev.hanse.network;

import static dev.hanse.network.Cluster.BACK;
import static dev.hanse.network.Cluster.INGRESS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.model.EndpointRow;
import dev.hanse.model.EndpointsChange;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkRow;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EndpointTableTest {
  private final EndpointTable table =
      new Cluster()
          .ingress()
          .network(BACK, "back", 4097, false)
          .peer(BACK, 1)
          .service(BACK, "web", "10.0.1.2")
          .endpoint(BACK, "web", 1, 1, "10.0.1.11", true)
          .table();

  @Test
  void anIncrementalMessageChangesOnlyWhatItNames() {
    EndpointsMessage message =
        new Cluster()
            .endpoint(BACK, "web", 2, 1, "10.0.1.12", true)
            .message(EndpointsMessage.Type.INCREMENTAL, 7);
    EndpointTable next = table.apply(message).table();
    assertThat(next.index()).isEqualTo(7);
    assertThat(next.network(BACK).orElseThrow().ready("service-web"))
        .extracting(endpoint -> endpoint.address().toString())
        .containsExactly("10.0.1.11/24", "10.0.1.12/24");
    assertThat(next.network(INGRESS).orElseThrow()).isSameAs(table.network(INGRESS).orElseThrow());
    assertThat(table.network(BACK).orElseThrow().endpoints()).hasSize(1);
  }

  @Test
  void aTableIsTheSameAfterBeingKept() {
    EndpointTable again = EndpointTable.empty().apply(table.toMessage()).table();
    assertThat(again.index()).isEqualTo(table.index());
    for (NetworkTable network : table.networks()) {
      NetworkTable copy = again.network(network.entry().id()).orElseThrow();
      assertThat(copy.entry()).isEqualTo(network.entry());
      assertThat(copy.peers()).isEqualTo(network.peers());
      assertThat(copy.services()).isEqualTo(network.services());
      assertThat(copy.endpoints()).isEqualTo(network.endpoints());
    }
  }

  @Test
  void whatTheLabelsOfANetworkAllowIsKept() {
    EndpointsMessage.Builder message =
        new Cluster()
                .network(BACK, "back", 4097, false)
                .message(EndpointsMessage.Type.COMPLETE, 1)
                .toBuilder();
    message
        .getChangesBuilder(0)
        .getNetworkBuilder()
        .getNetworkBuilder()
        .getSpecBuilder()
        .getAnnotationsBuilder()
        .putLabels("hanse.foreign-addresses", "allow")
        .putLabels("hanse.control-ports", "yes");
    EndpointTable labelled = EndpointTable.empty().apply(message.build()).table();
    EndpointTable again = EndpointTable.empty().apply(labelled.toMessage()).table();
    for (EndpointTable known : List.of(labelled, again)) {
      NetworkEntry entry = known.network(BACK).orElseThrow().entry();
      assertThat(entry.foreignAddresses()).isTrue();
      assertThat(entry.opensControlPorts()).as("only the word allow does").isFalse();
    }
  }

  @Test
  void aCompleteMessageReplacesEverything() {
    EndpointTable next =
        table.apply(new Cluster().ingress().message(EndpointsMessage.Type.COMPLETE, 9)).table();
    assertThat(next.network(BACK)).isEmpty();
    assertThat(next.ingress()).isPresent();
  }

  @Test
  void rowsAndNetworksAreRemovedByTheirKeys() {
    EndpointsMessage message =
        EndpointsMessage.newBuilder()
            .setType(EndpointsMessage.Type.INCREMENTAL)
            .setIndex(3)
            .addChanges(
                EndpointsChange.newBuilder()
                    .setAction(EndpointsChange.Action.REMOVE)
                    .setEndpoint(
                        EndpointRow.newBuilder().setNetworkId(BACK).setTaskId("task-web-1")))
            .addChanges(
                EndpointsChange.newBuilder()
                    .setAction(EndpointsChange.Action.REMOVE)
                    .setNetwork(
                        NetworkRow.newBuilder().setNetwork(Network.newBuilder().setId(INGRESS))))
            .build();
    EndpointTable.Applied applied = table.apply(message);
    assertThat(applied.refused()).isEmpty();
    assertThat(applied.table().network(BACK).orElseThrow().endpoints()).isEmpty();
    assertThat(applied.table().ingress()).isEmpty();
  }

  @Test
  void whatMakesNoSenseIsLeftOutAndReported() {
    EndpointsMessage message =
        EndpointsMessage.newBuilder()
            .setType(EndpointsMessage.Type.INCREMENTAL)
            .setIndex(3)
            .addChanges(
                EndpointsChange.newBuilder()
                    .setEndpoint(
                        EndpointRow.newBuilder()
                            .setNetworkId(BACK)
                            .setTaskId("bad")
                            .setAddress("10.0.1.5; drop")
                            .setMacAddress("02:00:00:00:00:01")))
            .addChanges(
                EndpointsChange.newBuilder()
                    .setEndpoint(
                        EndpointRow.newBuilder().setNetworkId("nowhere").setTaskId("lost")))
            .build();
    EndpointTable.Applied applied = table.apply(message);
    assertThat(applied.refused()).hasSize(2);
    assertThat(applied.table().network(BACK).orElseThrow().endpoints()).hasSize(1);
  }

  @Test
  void nodesThatDoNotAnswerGetNoConnections() {
    EndpointTable spread =
        table
            .apply(
                new Cluster()
                    .endpoint(BACK, "web", 2, 2, "10.0.1.12", true)
                    .endpoint(BACK, "web", 3, 3, "10.0.1.13", true)
                    .message(EndpointsMessage.Type.INCREMENTAL, 2))
            .table();
    assertThat(readyWeb(spread.avoiding(Set.of("node2")))).containsExactly("node1", "node3");
    assertThat(readyWeb(spread.avoiding(Set.of("node2", "node3")))).containsExactly("node1");
    EndpointTable avoiding = spread.avoiding(Set.of("node2"));
    assertThat(avoiding.index()).isEqualTo(2);
    assertThat(avoiding.network(BACK).orElseThrow().endpoints()).hasSize(3);
    assertThat(avoiding.network(INGRESS).orElseThrow())
        .isSameAs(spread.network(INGRESS).orElseThrow());
    // The rows as they were sent are what the next message is applied to.
    assertThat(readyWeb(spread)).containsExactly("node1", "node2", "node3");
  }

  @Test
  void aServiceIsNotEmptiedBecauseNobodyAnswers() {
    assertThat(readyWeb(table.avoiding(Set.of("node1")))).containsExactly("node1");
    assertThat(table.avoiding(Set.of())).isSameAs(table);
  }

  private static List<String> readyWeb(EndpointTable table) {
    return table.network(BACK).orElseThrow().ready("service-web").stream()
        .map(Endpoint::nodeId)
        .toList();
  }
}
