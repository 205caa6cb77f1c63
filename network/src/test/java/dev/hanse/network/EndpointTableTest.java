package dev.hanse.network;

import static dev.hanse.network.Cluster.BACK;
import static dev.hanse.network.Cluster.INGRESS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.endpoints.AppliedTable;
import dev.hanse.endpoints.Attempt;
import dev.hanse.endpoints.EndpointEntry;
import dev.hanse.endpoints.EndpointTable;
import dev.hanse.endpoints.NetworkEntry;
import dev.hanse.model.EndpointsMessage;
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
    EndpointTable next =
        new Cluster().endpoint(BACK, "web", 2, 1, "10.0.1.12", true).addedTo(table);
    assertThat(next.network(BACK).orElseThrow().ready("service-web"))
        .extracting(endpoint -> endpoint.address().toString())
        .containsExactly("10.0.1.11/24", "10.0.1.12/24");
    assertThat(next.network(INGRESS).orElseThrow()).isSameAs(table.network(INGRESS).orElseThrow());
    assertThat(table.network(BACK).orElseThrow().endpoints()).hasSize(1);
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
    AppliedTable applied = taken(message.build());
    EndpointTable labelled = applied.table();
    EndpointTable again = taken(applied.toMessage()).table();
    for (EndpointTable known : List.of(labelled, again)) {
      NetworkEntry entry = known.network(BACK).orElseThrow().entry();
      assertThat(entry.foreignAddresses()).isTrue();
      assertThat(entry.opensControlPorts()).as("only the word allow does").isFalse();
    }
  }

  @Test
  void nodesThatDoNotAnswerGetNoConnections() {
    EndpointTable spread =
        new Cluster()
            .endpoint(BACK, "web", 2, 2, "10.0.1.12", true)
            .endpoint(BACK, "web", 3, 3, "10.0.1.13", true)
            .addedTo(table);
    assertThat(readyWeb(spread.avoiding(Set.of("node2")))).containsExactly("node1", "node3");
    assertThat(readyWeb(spread.avoiding(Set.of("node2", "node3")))).containsExactly("node1");
    EndpointTable avoiding = spread.avoiding(Set.of("node2"));
    assertThat(avoiding.network(BACK).orElseThrow().endpoints()).hasSize(3);
    assertThat(avoiding.network(INGRESS).orElseThrow())
        .isSameAs(spread.network(INGRESS).orElseThrow());
    // The entries as they were sent are what the next message is applied to.
    assertThat(readyWeb(spread)).containsExactly("node1", "node2", "node3");
  }

  @Test
  void aServiceIsNotEmptiedBecauseNobodyAnswers() {
    assertThat(readyWeb(table.avoiding(Set.of("node1")))).containsExactly("node1");
    assertThat(table.avoiding(Set.of())).isSameAs(table);
  }

  private static AppliedTable taken(EndpointsMessage message) {
    return switch (AppliedTable.none().apply(message)) {
      case Attempt.Done<AppliedTable>(AppliedTable applied) -> applied;
      case Attempt.Refused<AppliedTable>(String reason) -> throw new AssertionError(reason);
    };
  }

  private static List<String> readyWeb(EndpointTable table) {
    return table.network(BACK).orElseThrow().ready("service-web").stream()
        .map(EndpointEntry::nodeId)
        .toList();
  }
}
