package dev.hanse.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.model.EndpointRow;
import dev.hanse.model.EndpointsChange;
import dev.hanse.model.EndpointsMessage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a node plans with while a manager sends it good and bad messages. */
class PlannedEndpointsTest {
  private final PlannedEndpoints endpoints = new PlannedEndpoints();
  private final List<Long> applied = new ArrayList<>();
  private final Swarm swarm = new Swarm(2);

  @Tag("attack")
  @Test
  void afterARefusedMessageOnlyACompleteOneIsTaken() {
    swarm.service(Swarm.BACK, "web", "10.0.1.200");
    assertThat(endpoints.receive(swarm.message(), applied::add)).isEmpty();
    apply();
    assertThat(applied).containsExactly(1L);
    swarm.task("web", 1, 1, 11);
    EndpointsMessage whole = swarm.message();

    EndpointsMessage bad =
        incremental(5)
            .addChanges(added(whole))
            .addChanges(
                EndpointsChange.newBuilder()
                    .setEndpoint(
                        EndpointRow.newBuilder()
                            .setNetworkId(Swarm.BACK.getId())
                            .setTaskId("bad")
                            .setAddress("10.0.1.5; drop")))
            .build();
    assertThat(endpoints.receive(bad, applied::add)).isPresent();
    EndpointsMessage late = incremental(6).addChanges(added(whole)).build();
    assertThat(endpoints.receive(late, applied::add))
        .as("made for a table that is not here")
        .isPresent();
    assertThat(endpoints.refusal()).isPresent();
    apply();
    assertThat(endpointsOf(Swarm.BACK.getId())).as("nothing of them is planned with").isEmpty();
    assertThat(applied).as("nor acknowledged").containsExactly(1L);

    assertThat(endpoints.receive(whole, applied::add)).isEmpty();
    assertThat(endpoints.refusal()).isEmpty();
    apply();
    assertThat(endpointsOf(Swarm.BACK.getId())).containsExactly("web-1");
    assertThat(applied).containsExactly(1L, whole.getIndex());
  }

  private static EndpointsMessage.Builder incremental(long index) {
    return EndpointsMessage.newBuilder().setType(EndpointsMessage.Type.INCREMENTAL).setIndex(index);
  }

  private static EndpointsChange added(EndpointsMessage whole) {
    return whole.getChangesList().stream()
        .filter(EndpointsChange::hasEndpoint)
        .filter(change -> change.getEndpoint().getNetworkId().equals(Swarm.BACK.getId()))
        .findFirst()
        .orElseThrow();
  }

  private void apply() {
    if (endpoints.advance(true, System.nanoTime())) {
      assertThat(endpoints.acknowledge()).isPresent();
    }
  }

  private List<String> endpointsOf(String networkId) {
    return List.copyOf(endpoints.planned().network(networkId).orElseThrow().endpoints().keySet());
  }
}
