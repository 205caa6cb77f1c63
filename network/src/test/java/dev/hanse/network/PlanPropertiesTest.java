package dev.hanse.network;

import static dev.hanse.network.Cluster.BACK;
import static dev.hanse.network.Cluster.INGRESS;
import static dev.hanse.network.Cluster.port;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.endpoints.EndpointTable;
import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.endpoints.MacAddress;
import dev.hanse.model.PortConfig.Protocol;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every plan, tried on random clusters as node 1 sees them. */
class PlanPropertiesTest {
  private static final Pattern ADDRESS = Pattern.compile("10\\.0\\.\\d+\\.\\d+");

  /**
   * A random cluster and what must come out.
   *
   * @param readyByPort published port to ingress addresses
   * @param readyByVip virtual address to addresses
   * @param remote ingress address to the node that has it
   */
  private record Sample(
      EndpointTable table,
      List<LocalTask> tasks,
      Map<Integer, Set<String>> readyByPort,
      Map<String, Set<String>> readyByVip,
      Map<String, String> remote) {

    static Sample random(long seed) {
      Random random = new Random(seed);
      int nodes = 1 + random.nextInt(5);
      Cluster cluster = new Cluster().ingress().network(BACK, "back", 4097, false);
      for (int node = 1; node <= nodes; node++) {
        cluster.peer(INGRESS, node).peer(BACK, node);
      }
      Map<Integer, Set<String>> byPort = new HashMap<>();
      Map<String, Set<String>> byVip = new HashMap<>();
      Map<String, String> remote = new HashMap<>();
      List<String[]> local = new ArrayList<>();
      for (int service = 0; service < 6; service++) {
        String name = "s" + service;
        String vip = "10.0.1." + (200 + service);
        cluster.service(INGRESS, name, "", port(Protocol.TCP, 8000 + service, 80));
        cluster.service(BACK, name, vip);
        Set<String> ready = byPort.computeIfAbsent(8000 + service, key -> new TreeSet<>());
        Set<String> readyBehindVip = byVip.computeIfAbsent(vip, key -> new TreeSet<>());
        int slots = random.nextInt(6);
        for (int slot = 1; slot <= slots; slot++) {
          int node = 1 + random.nextInt(nodes);
          boolean isReady = random.nextBoolean();
          int last = 10 + service * 10 + slot;
          cluster.endpoint(INGRESS, name, slot, node, "10.0.0." + last, isReady);
          cluster.endpoint(BACK, name, slot, node, "10.0.1." + last, isReady);
          if (isReady) {
            ready.add("10.0.0." + last);
            readyBehindVip.add("10.0.1." + last);
          }
          if (node == 1) {
            local.add(new String[] {name, Integer.toString(slot)});
          } else {
            remote.put("10.0.0." + last, "192.168.7." + node);
          }
        }
      }
      EndpointTable table = cluster.table();
      List<LocalTask> tasks =
          local.stream()
              .map(
                  task ->
                      Cluster.task(
                          table, task[0], Integer.parseInt(task[1]), Optional.of("172.18.0.2")))
              .toList();
      return new Sample(table, tasks, byPort, byVip, remote);
    }

    WantedState plan() {
      return NetworkPlanner.plan(table, tasks, Cluster.facts(1));
    }
  }

  static List<Long> seeds() {
    return new Random(7).longs(100).boxed().toList();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aPublishedPortIsSpreadOverExactlyTheReadyTasks(long seed) {
    Sample sample = Sample.random(seed);
    String ruleset = sample.plan().host().ruleset();
    sample.readyByPort.forEach(
        (port, ready) -> {
          assertThat(targets(ruleset, "tcp dport " + port + " dnat to "))
              .containsExactlyInAnyOrderElementsOf(ready);
          String refused = line(ruleset, "tcp dport { ");
          assertThat(refused.contains(Integer.toString(port))).isEqualTo(ready.isEmpty());
        });
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aVirtualAddressIsSpreadOverExactlyTheReadyTasks(long seed) {
    Sample sample = Sample.random(seed);
    WantedState state = sample.plan();
    assertThat(state.tasks()).hasSameSizeAs(sample.tasks);
    for (TaskState task : state.tasks().values()) {
      sample.readyByVip.forEach(
          (vip, ready) -> {
            String chain = "chain vip_" + vip.replace('.', '_') + " {\n    dnat to ";
            assertThat(targets(task.ruleset(), chain)).containsExactlyInAnyOrderElementsOf(ready);
            assertThat(task.ruleset().contains(vip + " : goto")).isEqualTo(!ready.isEmpty());
          });
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyRemoteEndpointIsForwardedToItsNode(long seed) {
    Sample sample = Sample.random(seed);
    HostState.Vxlan mesh =
        requireNonNull(sample.plan().host().vxlans().get(KernelNames.vxlan(INGRESS)));
    sample.remote.forEach(
        (address, node) -> {
          MacAddress mac = requireNonNull(mesh.neighbours().get(Ipv4Address.of(address)));
          assertThat(mesh.forwarding()).containsEntry(mac, Ipv4Address.of(node));
        });
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void nodesThatDoNotAnswerGetNoConnectionsUnlessThereIsNobodyElse(long seed) {
    Sample sample = Sample.random(seed);
    Random random = new Random(seed);
    Set<String> silent = new TreeSet<>();
    for (int node = 2; node <= 5; node++) {
      if (random.nextBoolean()) {
        silent.add("node" + node);
      }
    }
    WantedState plan =
        NetworkPlanner.plan(sample.table.avoiding(silent), sample.tasks, Cluster.facts(1));
    sample.readyByPort.forEach(
        (port, ready) -> {
          List<String> answering =
              ready.stream()
                  .filter(
                      address -> {
                        String node = sample.remote.getOrDefault(address, "192.168.7.1");
                        return !silent.contains(node.replace("192.168.7.", "node"));
                      })
                  .toList();
          assertThat(targets(plan.host().ruleset(), "tcp dport " + port + " dnat to "))
              .containsExactlyInAnyOrderElementsOf(answering.isEmpty() ? ready : answering);
        });
    // What connections are open already must go on finding their way.
    assertThat(plan.host().vxlans()).isEqualTo(sample.plan().host().vxlans());
  }

  /** The addresses that the statement after a prefix spreads over, each once. */
  private static List<String> targets(String ruleset, String prefix) {
    String rule = line(ruleset, prefix);
    List<String> found = ADDRESS.matcher(rule).results().map(MatchResult::group).toList();
    if (found.size() > 1) {
      assertThat(rule).contains("numgen inc mod " + found.size() + " map");
    }
    return found;
  }

  /** What follows a prefix up to the end of its line; empty when it is not there. */
  private static String line(String ruleset, String prefix) {
    int start = ruleset.indexOf(prefix);
    if (start < 0) {
      return "";
    }
    int rest = start + prefix.length();
    return ruleset.substring(rest, ruleset.indexOf('\n', rest));
  }
}
