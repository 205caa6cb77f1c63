package dev.hanse.lab;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.lab.client.DockerClient;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Which host plays which role in the lab's swarm now, as the first manager that answers says. */
final class SwarmRoles {
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(2);

  private SwarmRoles() {}

  /** "leader", "manager" or "worker" by host; what nobody could tell is missing. */
  static Map<String, String> of(List<HostState> hosts) {
    for (HostState host : hosts) {
      if (host.daemon().filter(ProcessIdentity::alive).isPresent()) {
        Map<String, String> roles = ask(new DockerClient(host.socket()));
        if (!roles.isEmpty()) {
          return roles;
        }
      }
    }
    return Map.of();
  }

  /** A daemon that hangs must not make the lab's list hang. */
  private static Map<String, String> ask(DockerClient docker) {
    CompletableFuture<Map<String, String>> answer = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                answer.complete(roles(docker.get("/nodes")));
              } catch (IOException | RuntimeException noManager) {
                answer.complete(Map.of());
              }
            });
    try {
      return answer.get(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException silent) {
      return Map.of();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return Map.of();
    }
  }

  static Map<String, String> roles(JsonNode nodes) {
    Map<String, String> roles = new HashMap<>();
    for (JsonNode node : nodes) {
      JsonNode manager = node.path("ManagerStatus");
      String role = manager.path("Leader").asBoolean() ? "leader" : "manager";
      roles.put(
          node.at("/Description/Hostname").asText(), manager.isMissingNode() ? "worker" : role);
    }
    return roles;
  }
}
