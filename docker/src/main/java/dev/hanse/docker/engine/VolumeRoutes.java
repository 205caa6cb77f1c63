package dev.hanse.docker.engine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.agent.volume.LocalVolume;
import dev.hanse.agent.volume.Volumes;
import dev.hanse.docker.events.Event;
import dev.hanse.docker.events.EventHub;
import dev.hanse.docker.field.Fields;
import dev.hanse.docker.protocol.ApiVersion;
import dev.hanse.docker.protocol.Filters;
import dev.hanse.docker.protocol.PruneFilter;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import dev.hanse.web.Router;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * {@code /volumes} (<a href="https://docs.docker.com/reference/api/engine/#tag/Volume">API</a>).
 */
final class VolumeRoutes {
  private final Volumes volumes;
  private final EventHub events;

  VolumeRoutes(Volumes volumes, EventHub events) {
    this.volumes = volumes;
    this.events = events;
  }

  void addTo(Router router) {
    router
        .get("/volumes", this::list)
        .post("/volumes/create", this::create)
        .post("/volumes/prune", this::prune)
        .get("/volumes/{name}", this::inspect)
        .delete("/volumes/{name}", this::remove);
  }

  private void list(Exchange exchange) throws IOException {
    Filters filters = Filters.of(exchange).allowOnly("dangling", "driver", "label", "name");
    ArrayNode found = Json.array();
    for (LocalVolume volume : volumes.list()) {
      if (matches(filters, volume)) {
        found.add(json(volume));
      }
    }
    ObjectNode answer = Json.object();
    answer.set("Volumes", found);
    answer.putNull("Warnings");
    exchange.json(200, answer);
  }

  private boolean matches(Filters filters, LocalVolume volume) throws IOException {
    boolean unused = !filters.has("dangling") || isUnused(volume) == filters.flag("dangling", true);
    return unused
        && filters.any("driver", LocalVolume.DRIVER::equals)
        && filters.search("name", volume.name())
        && filters.labels("label", volume.labels());
  }

  private boolean isUnused(LocalVolume volume) throws IOException {
    return volumes.users(volume.name()).isEmpty();
  }

  private void create(Exchange exchange) throws Exception {
    Fields body = Fields.of(exchange.json());
    if (body.has("ClusterVolumeSpec")) {
      throw HttpFailure.notImplemented("cluster volumes are not supported by this daemon");
    }
    Optional<String> name = Optional.of(body.text("Name")).filter(n -> !n.isEmpty());
    if (name.isPresent() && volumes.find(name.get()).isPresent()) {
      exchange.json(201, json(volumes.find(name.get()).orElseThrow()));
      return;
    }
    LocalVolume volume =
        volumes.create(
            new Volumes.Wanted(
                name, body.text("Driver"), body.map("DriverOpts"), body.map("Labels")));
    event("create", volume.name());
    exchange.json(201, json(volume));
  }

  private void inspect(Exchange exchange) throws IOException {
    exchange.json(200, json(require(exchange.variable("name"))));
  }

  private LocalVolume require(String name) throws IOException {
    return volumes
        .find(name)
        .orElseThrow(() -> HttpFailure.notFound("get " + name + ": no such volume"));
  }

  private void remove(Exchange exchange) throws Exception {
    String name = exchange.variable("name");
    if (exchange.query().flag("force") && volumes.find(name).isEmpty()) {
      exchange.empty(204);
      return;
    }
    volumes.remove(name);
    event("destroy", name);
    exchange.empty(204);
  }

  private void prune(Exchange exchange) throws Exception {
    Filters filters = Filters.of(exchange).allowOnly("label", "label!", "all");
    PruneFilter filter = PruneFilter.of(filters);
    boolean named = filters.flag("all", !ApiVersion.of(exchange).atLeast(1, 42));
    ArrayNode deleted = Json.array();
    long reclaimed = 0;
    for (LocalVolume volume : volumes.list()) {
      boolean wanted = (named || volume.anonymous()) && filter.fits(volume.labels());
      if (wanted && isUnused(volume)) {
        long size = volumes.size(volume);
        volumes.remove(volume.name());
        event("destroy", volume.name());
        deleted.add(volume.name());
        reclaimed += size;
      }
    }
    events.publish(
        Event.local("volume", "prune", "", Map.of("reclaimed", Long.toString(reclaimed))));
    ObjectNode answer = Json.object();
    answer.set("VolumesDeleted", deleted);
    answer.put("SpaceReclaimed", reclaimed);
    exchange.json(200, answer);
  }

  private void event(String action, String name) {
    events.publish(Event.local("volume", action, name, Map.of("driver", LocalVolume.DRIVER)));
  }

  static ObjectNode json(LocalVolume volume) {
    ObjectNode json = Json.object();
    json.put("CreatedAt", volume.createdAt().toString());
    json.put("Driver", LocalVolume.DRIVER);
    putTexts(json, "Labels", volume.labels());
    json.put("Mountpoint", volume.mountpoint().toString());
    json.put("Name", volume.name());
    putTexts(json, "Options", volume.options());
    json.put("Scope", "local");
    return json;
  }

  private static void putTexts(ObjectNode json, String key, Map<String, String> texts) {
    if (texts.isEmpty()) {
      json.putNull(key);
    } else {
      texts.forEach(json.putObject(key)::put);
    }
  }
}
