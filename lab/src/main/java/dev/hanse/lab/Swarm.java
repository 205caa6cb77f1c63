package dev.hanse.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.lab.client.DockerClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a swarm of running daemons through their API, as {@code docker swarm init} and {@code join}
 * would.
 */
final class Swarm {
  static final int PORT = 2377;
  private static final ObjectMapper JSON = new ObjectMapper();

  private Swarm() {}

  /**
   * Initialises on the first host and joins the others in their roles; returns when all nodes are
   * ready.
   *
   * @param limit for the last node to be ready, after all have joined
   */
  static void form(List<HostState> hosts, Duration limit, Waiting waiting) throws IOException {
    HostState first = hosts.getFirst();
    DockerClient manager = new DockerClient(first.socket());
    ObjectNode request = JSON.createObjectNode();
    request.put("ListenAddr", first.address() + ":" + PORT);
    request.put("AdvertiseAddr", first.address());
    request.putObject("Spec");
    try (var unused = waiting.item("swarm init on " + first.name())) {
      manager.post("/swarm/init", request);
    }

    JsonNode tokens = manager.get("/swarm").path("JoinTokens");
    List<HostState> managers = hosts.stream().skip(1).filter(HostState::manager).toList();
    List<InParallel.Work<HostState>> joins = new ArrayList<>();
    // The group of managers grows by one at a time; meanwhile the workers join.
    joins.add(
        through -> {
          for (HostState host : managers) {
            join(host, through, tokens.path("Manager").asText(), waiting);
          }
        });
    for (HostState host : hosts) {
      if (!host.manager()) {
        joins.add(through -> join(host, through, tokens.path("Worker").asText(), waiting));
      }
    }
    InParallel.each(joins, join -> join.with(first));
    try (var unused = waiting.item("all nodes to be ready")) {
      awaitReady(manager, hosts.size(), managers.size() + 1, limit);
    }
  }

  private static void join(HostState host, HostState through, String token, Waiting waiting)
      throws IOException {
    ObjectNode request = JSON.createObjectNode();
    request.put("ListenAddr", host.address() + ":" + PORT);
    request.put("AdvertiseAddr", host.address());
    request.put("JoinToken", token);
    request.putArray("RemoteAddrs").add(through.address() + ":" + PORT);
    try (var unused = waiting.item("swarm join on " + host.name())) {
      new DockerClient(host.socket()).post("/swarm/join", request);
    }
  }

  private static void awaitReady(DockerClient manager, int count, int managers, Duration limit) {
    Await.until(
        limit,
        count + " nodes are ready, " + managers + " of them managers",
        () -> {
          int ready = 0;
          int reachable = 0;
          for (JsonNode node : manager.get("/nodes")) {
            ready += node.at("/Status/State").asText().equals("ready") ? 1 : 0;
            reachable +=
                node.at("/ManagerStatus/Reachability").asText().equals("reachable") ? 1 : 0;
          }
          return ready >= count && reachable >= managers;
        });
  }
}
