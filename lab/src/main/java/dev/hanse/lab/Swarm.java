package dev.hanse.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.lab.client.DockerClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Makes a swarm of running daemons through their API, as {@code docker swarm init} and {@code join}
 * would.
 */
final class Swarm {
  static final int PORT = 2377;
  private static final Duration READY_LIMIT = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  private Swarm() {}

  /**
   * Initialises on the first host and joins the others in their roles; returns when all nodes are
   * ready.
   */
  static void form(List<HostState> hosts) throws IOException {
    HostState first = hosts.getFirst();
    DockerClient manager = new DockerClient(first.socket());
    ObjectNode request = JSON.createObjectNode();
    request.put("ListenAddr", first.address() + ":" + PORT);
    request.put("AdvertiseAddr", first.address());
    request.putObject("Spec");
    manager.post("/swarm/init", request);

    JsonNode tokens = manager.get("/swarm").path("JoinTokens");
    for (HostState host : hosts.subList(1, hosts.size())) {
      if (host.manager()) {
        join(host, first, tokens.path("Manager").asText());
      }
    }
    InParallel.each(
        hosts.stream().filter(host -> !host.manager()).toList(),
        host -> join(host, first, tokens.path("Worker").asText()));
    awaitReady(manager, hosts.size());
  }

  private static void join(HostState host, HostState through, String token) throws IOException {
    ObjectNode request = JSON.createObjectNode();
    request.put("ListenAddr", host.address() + ":" + PORT);
    request.put("AdvertiseAddr", host.address());
    request.put("JoinToken", token);
    request.putArray("RemoteAddrs").add(through.address() + ":" + PORT);
    new DockerClient(host.socket()).post("/swarm/join", request);
  }

  private static void awaitReady(DockerClient manager, int count) {
    Await.until(
        READY_LIMIT,
        count + " nodes are ready",
        () -> {
          int ready = 0;
          for (JsonNode node : manager.get("/nodes")) {
            ready += node.path("Status").path("State").asText().equals("ready") ? 1 : 0;
          }
          return ready >= count;
        });
  }
}
