package dev.hanse.network;

import static dev.hanse.network.Cluster.BACK;
import static dev.hanse.network.Cluster.INGRESS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.model.EndpointRow;
import dev.hanse.model.EndpointsChange;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkRow;
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
}
