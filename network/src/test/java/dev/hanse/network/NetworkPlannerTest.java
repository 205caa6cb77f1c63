package dev.hanse.network;

import static dev.hanse.network.Cluster.BACK;
import static dev.hanse.network.Cluster.INGRESS;
import static dev.hanse.network.Cluster.port;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.endpoints.EndpointTable;
import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PortConfig.Protocol;
import dev.hanse.model.PortConfig.PublishMode;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class NetworkPlannerTest {
  private static final Cluster THREE_NODES =
      new Cluster()
          .ingress()
          .network(BACK, "back", 4097, false)
          .peer(INGRESS, 1)
          .peer(INGRESS, 2)
          .peer(INGRESS, 3)
          .peer(BACK, 1)
          .peer(BACK, 2)
          .service(
              INGRESS,
              "web",
              "10.0.0.100",
              port(Protocol.TCP, 8080, 80),
              port(Protocol.UDP, 5353, 53))
          .service(INGRESS, "idle", "10.0.0.101", port(Protocol.TCP, 8090, 80))
          .endpoint(INGRESS, "web", 1, 1, "10.0.0.11", true)
          .endpoint(INGRESS, "web", 2, 2, "10.0.0.12", true)
          .endpoint(INGRESS, "web", 3, 2, "10.0.0.13", false)
          .service(BACK, "web", "10.0.1.2")
          .service(BACK, "idle", "10.0.1.3")
          .service(BACK, "queue", "")
          .endpoint(BACK, "web", 1, 1, "10.0.1.11", true)
          .endpoint(BACK, "web", 2, 2, "10.0.1.12", true)
          .endpoint(BACK, "queue", 1, 2, "10.0.1.21", true);

  @Test
  void theHostOfATask() throws IOException {
    EndpointTable table = THREE_NODES.table();
    PortConfig hostPort =
        port(Protocol.TCP, 9000, 9001).toBuilder().setPublishMode(PublishMode.HOST).build();
    LocalTask web = Cluster.task(table, "web", 1, Optional.of("172.18.0.2"));
    LocalTask loose =
        new LocalTask(
            "loose",
            new LocalTask.Networking.Own(
                List.of(), Optional.of(Ipv4Address.of("172.18.0.3")), List.of(hostPort)));
    WantedState state = NetworkPlanner.plan(table, List.of(web, loose), Cluster.facts(1));
    Golden.check("host-of-a-task.txt", print(state));
    Golden.check("host-of-a-task.nft", state.host().ruleset());
    Golden.check("host-of-a-task-guard.nft", guards(state));
    Golden.check(
        "task-in-mesh-and-network.nft", requireNonNull(state.tasks().get("task-web-1")).ruleset());
    Golden.check("task-without-network.nft", requireNonNull(state.tasks().get("loose")).ruleset());
  }

  @Test
  void aNodeWithoutTasksIsAnEntry() throws IOException {
    WantedState state = NetworkPlanner.plan(THREE_NODES.table(), List.of(), Cluster.facts(3));
    Golden.check("node-without-tasks.txt", print(state));
    Golden.check("node-without-tasks.nft", state.host().ruleset());
    Golden.check("node-without-tasks-guard.nft", guards(state));
  }

  @Test
  void aNodeThatKnowsNothingYet() throws IOException {
    WantedState state = NetworkPlanner.plan(EndpointTable.empty(), List.of(), Cluster.facts(1));
    Golden.check("nothing-known.txt", print(state));
    Golden.check("nothing-known.nft", state.host().ruleset());
    Golden.check("nothing-known-guard.nft", guards(state));
  }

  @Test
  void theSameInputGivesTheSamePlan() {
    EndpointTable table = THREE_NODES.table();
    assertThat(NetworkPlanner.plan(table, List.of(), Cluster.facts(2)))
        .isEqualTo(NetworkPlanner.plan(table, List.of(), Cluster.facts(2)));
  }

  private static String guards(WantedState state) {
    return state.host().guards().stream().map(KeptTable::load).collect(Collectors.joining());
  }

  private static String print(WantedState state) {
    StringBuilder text = new StringBuilder("host\n");
    state
        .host()
        .bridges()
        .forEach((name, bridge) -> text.append("  " + name + " " + bridge + "\n"));
    state
        .host()
        .vxlans()
        .forEach(
            (name, vxlan) -> {
              text.append(
                  "  %s vni %d local %s:%d on %s mtu %d%n"
                      .formatted(
                          name,
                          vxlan.vni(),
                          vxlan.local(),
                          vxlan.port(),
                          vxlan.bridge(),
                          vxlan.mtu()));
              vxlan
                  .forwarding()
                  .forEach((mac, node) -> text.append("    " + mac + " at " + node + "\n"));
              vxlan
                  .neighbours()
                  .forEach((ip, mac) -> text.append("    " + ip + " is " + mac + "\n"));
            });
    text.append("  forwards: " + state.host().forwards() + "\n");
    state.host().sysctls().forEach((key, value) -> text.append("  " + key + " = " + value + "\n"));
    state
        .tasks()
        .forEach(
            (id, task) -> {
              text.append(id + "\n");
              task.links().forEach(link -> text.append("  " + link + "\n"));
              task.defaultRoute().ifPresent(route -> text.append("  " + route + "\n"));
              task.replies()
                  .forEach((mark, reply) -> text.append("  " + mark + " " + reply + "\n"));
              task.initialSysctls()
                  .forEach((key, value) -> text.append("  " + key + " = " + value + "\n"));
            });
    return text.toString();
  }
}
