package dev.hanse.control.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.hanse.control.command.NetworkCommand.CreateNetwork;
import dev.hanse.control.command.NodeCommand.EnrollNode;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.control.command.ServiceCommand.UpdateService;
import dev.hanse.control.sim.World;
import dev.hanse.model.Annotations;
import dev.hanse.model.EndpointsChange;
import dev.hanse.model.NetworkSpec;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.PortConfig;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.store.Kind;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What nodes hear of the networks they take part in. */
class EndpointTableTest {
  private final World world = new World(11);
  private String first = "";
  private String second = "";

  @BeforeEach
  void aServiceOfOneTaskOnTwoNodes() {
    first = world.initialize();
    second = world.join();
    world.accept(
        new CreateNetwork(
            NetworkSpec.newBuilder()
                .setAnnotations(Annotations.newBuilder().setName("front"))
                .build()));
    ServiceSpec.Builder spec =
        ServiceSpec.newBuilder().setAnnotations(Annotations.newBuilder().setName("web"));
    spec.getReplicatedBuilder().setReplicas(1);
    spec.getTaskBuilder().getContainerBuilder().setImage("web:1");
    spec.getTaskBuilder().addNetworksBuilder().setTarget("front").addAliases("www");
    spec.getEndpointBuilder()
        .addPorts(PortConfig.newBuilder().setTargetPort(80).setPublishedPort(8080));
    world.accept(new CreateService(spec.build()));
    world.settle();
  }

  @Test
  void onlyNodesWithATaskTakePartInANetworkButAllInTheMesh() {
    String host = world.snapshot().all(Kind.TASK).iterator().next().getNodeId();
    String other = host.equals(first) ? second : first;

    assertThat(EndpointTable.of(world.snapshot(), host).networkIds()).hasSize(2);
    assertThat(EndpointTable.of(world.snapshot(), other).networkIds())
        .containsExactly(world.snapshot().ingressNetwork().orElseThrow().getId());
  }

  @Test
  void theMeshHasAPeerForEachNodeAndThePortsOfTheService() {
    List<EndpointsChange> rows = EndpointTable.of(world.snapshot(), first).complete();

    var peers = rows.stream().filter(row -> isIngress(row) && row.hasPeer()).toList();
    assertThat(peers)
        .hasSize(2)
        .allSatisfy(
            row -> {
              assertThat(row.getPeer().getOrdinal()).isPositive();
              assertThat(row.getPeer().getAddress()).startsWith("10.0.0.").endsWith("/24");
              assertThat(row.getPeer().getMacAddress()).startsWith("02:");
              assertThat(row.getPeer().getDataPathAddr()).startsWith("192.0.2.");
            });
    var services = rows.stream().filter(row -> isIngress(row) && row.hasService()).toList();
    assertThat(services).hasSize(1);
    assertThat(services.getFirst().getService().getPorts(0).getPublishedPort()).isEqualTo(8080);
  }

  @Test
  void aNodeThatWasNeverInTouchIsNoPeerYet() {
    world.accept(
        new EnrollNode(
            NodeRole.WORKER, ByteString.copyFromUtf8("csr"), NodeSpec.Availability.ACTIVE));
    world.settle();
    assertThat(EndpointTable.of(world.snapshot(), first).complete())
        .filteredOn(row -> isIngress(row) && row.hasPeer())
        .hasSize(2)
        .noneMatch(row -> row.getPeer().getDataPathAddr().isEmpty());
  }

  @Test
  void aTaskIsReadyWhileItRunsAndIsMeantTo() {
    assertThat(isReady()).isFalse();
    world.run(Duration.ofSeconds(5));
    assertThat(isReady()).isTrue();
    Service web = world.snapshot().findByName(Kind.SERVICE, "web").orElseThrow();
    ServiceSpec.Builder spec = web.getSpec().toBuilder();
    spec.getReplicatedBuilder().setReplicas(0);

    EndpointTable before = EndpointTable.of(world.snapshot(), second);
    world.accept(
        new UpdateService(web.getId(), web.getMeta().getVersion().getIndex(), spec.build(), false));
    world.settle();
    EndpointTable stopping = EndpointTable.of(world.snapshot(), second);
    assertThat(isReady()).isFalse();
    assertThat(stopping.since(before)).allMatch(EndpointsChange::hasEndpoint);

    world.run(Duration.ofSeconds(5));
    List<EndpointsChange> gone =
        EndpointTable.of(world.snapshot(), second).since(stopping).stream()
            .filter(EndpointTableTest.this::isIngress)
            .toList();
    assertThat(gone).hasSize(1);
    assertThat(gone.getFirst().getAction()).isEqualTo(EndpointsChange.Action.REMOVE);
    assertThat(gone.getFirst().getEndpoint().getTaskId()).isNotEmpty();
  }

  @Test
  void nothingChangesWithoutAChange() {
    EndpointProjection projection = EndpointProjection.empty().next(world.snapshot());
    EndpointProjection same = projection.next(world.snapshot());
    assertThat(same.table(first).since(projection.table(first))).isEmpty();
    assertThat(projection.table(first).since(EndpointTable.of(world.snapshot(), first))).isEmpty();
  }

  private boolean isReady() {
    return EndpointTable.of(world.snapshot(), second).complete().stream()
        .anyMatch(row -> row.hasEndpoint() && row.getEndpoint().getReady());
  }

  private boolean isIngress(EndpointsChange row) {
    String ingress = world.snapshot().ingressNetwork().orElseThrow().getId();
    return switch (row.getRowCase()) {
      case NETWORK -> row.getNetwork().getNetwork().getId().equals(ingress);
      case PEER -> row.getPeer().getNetworkId().equals(ingress);
      case SERVICE -> row.getService().getNetworkId().equals(ingress);
      case ENDPOINT -> row.getEndpoint().getNetworkId().equals(ingress);
      case ROW_NOT_SET -> false;
    };
  }
}
