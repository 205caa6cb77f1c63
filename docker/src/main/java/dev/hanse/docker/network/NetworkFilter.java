package dev.hanse.docker.network;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.docker.protocol.Filters;
import dev.hanse.docker.protocol.UnixTime;
import dev.hanse.web.HttpFailure;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/** The filters of {@code docker network ls} and {@code prune}, on the networks' JSON. */
final class NetworkFilter {
  private NetworkFilter() {}

  static Predicate<JsonNode> of(Filters filters, Predicate<String> isUsed) {
    filters.allowOnly("dangling", "driver", "id", "label", "name", "scope", "type");
    filters.values("type").forEach(NetworkFilter::checkType);
    return network ->
        filters.any("driver", text(network, "Driver")::equals)
            && filters.any("id", text(network, "Id")::contains)
            && filters.any("name", text(network, "Name")::contains)
            && filters.any("scope", text(network, "Scope")::equals)
            && filters.any("type", type -> type.equals("builtin") == isBuiltIn(network))
            && filters.labels("label", labels(network))
            && (!filters.has("dangling")
                || filters.flag("dangling", false) != isUsed.test(text(network, "Id")));
  }

  private static void checkType(String type) {
    if (!type.equals("custom") && !type.equals("builtin")) {
      throw HttpFailure.invalid("invalid filter: 'type'='" + type + "'");
    }
  }

  private static boolean isBuiltIn(JsonNode network) {
    return text(network, "Scope").equals("local") || network.path("Ingress").booleanValue();
  }

  static Predicate<JsonNode> forPrune(Filters filters) {
    filters.allowOnly("label", "label!", "until");
    return network ->
        filters.labels("label", labels(network))
            && (!filters.has("label!") || !filters.labels("label!", labels(network)))
            && filters.values("until").stream().allMatch(limit -> isBefore(network, limit));
  }

  private static boolean isBefore(JsonNode network, String limit) {
    Instant created = Instant.parse(text(network, "Created"));
    return UnixTime.parse("until", limit)
        .map(time -> created.isBefore(Instant.ofEpochSecond(time.getSeconds(), time.getNanos())))
        .orElse(true);
  }

  private static String text(JsonNode network, String field) {
    return network.path(field).textValue();
  }

  private static Map<String, String> labels(JsonNode network) {
    Map<String, String> labels = new HashMap<>();
    network
        .path("Labels")
        .properties()
        .forEach(entry -> labels.put(entry.getKey(), entry.getValue().textValue()));
    return labels;
  }
}
