package dev.hanse.control.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.control.PassFault;
import dev.hanse.control.command.NetworkCommand.CreateNetwork;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.control.command.ServiceCommand.UpdateService;
import dev.hanse.control.sim.World;
import dev.hanse.endpoints.Change;
import dev.hanse.endpoints.EndpointEntry;
import dev.hanse.endpoints.EndpointTable;
import dev.hanse.endpoints.Entry;
import dev.hanse.endpoints.NetworkTable;
import dev.hanse.endpoints.PeerEntry;
import dev.hanse.endpoints.ServiceEntry;
import dev.hanse.model.Annotations;
import dev.hanse.model.NetworkSpec;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.PortConfig;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.StoreAction;
import dev.hanse.model.StoreActionKind;
import dev.hanse.model.Task;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What nodes hear of the networks they take part in. */
class EndpointProjectionTest {
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

    assertThat(table(host).networkIds()).hasSize(2);
    assertThat(table(other).networkIds())
        .containsExactly(world.snapshot().ingressNetwork().orElseThrow().getId());
  }

  @Test
  void theMeshHasAPeerForEachNodeAndThePortsOfTheService() {
    NetworkTable mesh = table(first).ingress().orElseThrow();

    assertThat(mesh.peers().values())
        .hasSize(2)
        .allSatisfy(
            peer -> {
              PeerEntry.Own own = peer.own().orElseThrow();
              assertThat(own.ordinal()).isPositive();
              assertThat(own.address().toString()).startsWith("10.0.0.").endsWith("/24");
              assertThat(own.mac().toString()).startsWith("02:");
              assertThat(peer.dataPathAddress().toString()).startsWith("192.0.2.");
            });
    assertThat(mesh.services().values())
        .singleElement()
        .satisfies(
            service -> {
              assertThat(service.name()).isEqualTo("web");
              assertThat(service.ports())
                  .extracting(PortConfig::getPublishedPort)
                  .containsExactly(8080);
            });
    NetworkTable front =
        table(world.snapshot().all(Kind.TASK).iterator().next().getNodeId()).networks().stream()
            .filter(network -> !network.entry().ingress())
            .findFirst()
            .orElseThrow();
    ServiceEntry service = front.services().values().iterator().next();
    assertThat(service.aliases()).containsExactly("www");
    assertThat(service.virtualIp()).isPresent();
    assertThat(service.ports()).as("only in the mesh").isEmpty();
  }

  @Test
  void aNodeThatWasNeverInTouchIsNoPeerYet() {
    world.enroll(NodeRole.WORKER);
    world.settle();
    assertThat(world.snapshot().size(Kind.NODE)).isEqualTo(3);
    assertThat(table(first).ingress().orElseThrow().peers()).hasSize(2);
    assertThat(EndpointProjection.of(world.snapshot()).faults()).isEmpty();
  }

  @Test
  void aNodeWithoutAnIpv4AddressIsNoPeerAndThatIsSaid() {
    Node node = world.snapshot().find(Kind.NODE, second).orElseThrow();
    Node.Builder moved = node.toBuilder();
    moved.getStatusBuilder().setAddr("[fd00::7]:2377");
    Changes changes =
        new Changes(List.of(Kind.NODE.action(StoreActionKind.STORE_ACTION_UPDATE, moved.build())));
    Snapshot later = world.snapshot().preview(changes);
    TouchedObjects touched = new TouchedObjects();
    changes.actions().forEach(action -> touched.add(world.snapshot(), later, action));
    EndpointProjection projection = EndpointProjection.of(world.snapshot()).next(later, touched);

    assertThat(projection.table(first).ingress().orElseThrow().peers()).containsOnlyKeys(first);
    assertThat(projection.faults())
        .extracting(PassFault::subject)
        .anyMatch(it -> it.contains(second));
  }

  @Test
  void aTaskIsReadyWhileItRunsAndIsMeantTo() {
    assertThat(isReady()).isFalse();
    world.run(Duration.ofSeconds(5));
    assertThat(isReady()).isTrue();
    Service web = world.snapshot().findByName(Kind.SERVICE, "web").orElseThrow();
    ServiceSpec.Builder spec = web.getSpec().toBuilder();
    spec.getReplicatedBuilder().setReplicas(0);

    EndpointTable before = table(second);
    world.accept(
        new UpdateService(web.getId(), web.getMeta().getVersion().getIndex(), spec.build(), false));
    world.settle();
    EndpointTable stopping = table(second);
    assertThat(isReady()).isFalse();
    assertThat(stopping.since(before))
        .isNotEmpty()
        .allMatch(
            change ->
                change instanceof Change.Put(String _, Entry entry)
                    && entry instanceof EndpointEntry);

    world.run(Duration.ofSeconds(5));
    String mesh = world.snapshot().ingressNetwork().orElseThrow().getId();
    assertThat(table(second).since(stopping))
        .filteredOn(change -> change.networkId().equals(mesh))
        .singleElement()
        .isInstanceOf(Change.Remove.class);
  }

  @Test
  void nothingChangesWithoutAChange() {
    EndpointProjection projection = EndpointProjection.of(world.snapshot());
    EndpointProjection same = projection.next(world.snapshot(), new TouchedObjects());
    assertThat(same.table(first).since(projection.table(first))).isEmpty();
    EndpointProjection touched =
        projection.next(world.snapshot(), TouchedObjects.all(world.snapshot()));
    assertThat(touched.table(first).since(projection.table(first))).isEmpty();
    assertThat(touched.table(first).ingress().orElseThrow())
        .as("what is made anew and is the same stays the same object")
        .isSameAs(projection.table(first).ingress().orElseThrow());
  }

  @Test
  void madeAnewFromAnyStateTheTablesAreThoseOfTheWhole() {
    EndpointProjection earlier = EndpointProjection.of(world.snapshot());
    List<StoreAction> actions = new ArrayList<>();
    for (Task task : world.snapshot().all(Kind.TASK)) {
      actions.add(Kind.TASK.action(StoreActionKind.STORE_ACTION_REMOVE, task));
    }
    Node moved =
        world.snapshot().find(Kind.NODE, second).orElseThrow().toBuilder()
            .setStatus(NodeStatus.newBuilder().setAddr("192.0.2.77:2377"))
            .build();
    actions.add(Kind.NODE.action(StoreActionKind.STORE_ACTION_UPDATE, moved));
    Snapshot later = world.snapshot().preview(new Changes(actions));

    EndpointProjection whole = EndpointProjection.of(later);
    assertThat(earlier.hasTablesOf(whole)).isFalse();
    assertThat(earlier.anew(later).hasTablesOf(whole)).isTrue();
    assertThat(EndpointProjection.of(later).anew(world.snapshot()).hasTablesOf(earlier)).isTrue();
  }

  private EndpointTable table(String nodeId) {
    return EndpointProjection.of(world.snapshot()).table(nodeId);
  }

  private boolean isReady() {
    return table(second).networks().stream()
        .flatMap(network -> network.endpoints().values().stream())
        .anyMatch(EndpointEntry::ready);
  }
}
