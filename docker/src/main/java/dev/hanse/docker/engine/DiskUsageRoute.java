package dev.hanse.docker.engine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.agent.volume.LocalVolume;
import dev.hanse.agent.volume.Volumes;
import dev.hanse.docker.container.ContainerJson;
import dev.hanse.docker.container.NodeContainer;
import dev.hanse.docker.container.NodeContainers;
import dev.hanse.docker.image.ImageJson;
import dev.hanse.docker.image.LayerUsage;
import dev.hanse.docker.protocol.ApiVersion;
import dev.hanse.runtime.images.Image;
import dev.hanse.runtime.images.Images;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import dev.hanse.web.Router;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code GET /system/df}: what images, containers and volumes take on this node's disk. */
final class DiskUsageRoute {
  private static final Set<String> TYPES = Set.of("container", "image", "volume", "build-cache");

  private final Images images;
  private final NodeContainers containers;
  private final ContainerJson json;
  private final Volumes volumes;

  DiskUsageRoute(Images images, NodeContainers containers, ContainerJson json, Volumes volumes) {
    this.images = images;
    this.containers = containers;
    this.json = json;
    this.volumes = volumes;
  }

  void addTo(Router router) {
    router.get("/system/df", this::usage);
  }

  private void usage(Exchange exchange) throws IOException {
    List<String> asked = exchange.query().all("type");
    boolean everything = asked.isEmpty() || !ApiVersion.of(exchange).atLeast(1, 42);
    for (String type : asked) {
      if (!TYPES.contains(type)) {
        throw HttpFailure.invalid("unknown object type: " + type);
      }
    }
    ObjectNode answer = Json.object();
    if (everything || asked.contains("image")) {
      addImages(answer, !ApiVersion.of(exchange).atLeast(1, 44));
    }
    if (everything || asked.contains("container")) {
      ArrayNode entries = answer.putArray("Containers");
      for (NodeContainer container : containers.all()) {
        entries.add(json.withSizes(json.summary(container), container));
      }
    }
    if (everything || asked.contains("volume")) {
      addVolumes(answer.putArray("Volumes"));
    }
    if (everything || asked.contains("build-cache")) {
      answer.putArray("BuildCache");
    }
    exchange.json(200, answer);
  }

  private void addImages(ObjectNode answer, boolean old) {
    LayerUsage usage = LayerUsage.of(images.all());
    Map<String, Long> users =
        containers.all().stream()
            .collect(
                Collectors.groupingBy(
                    container -> container.state().imageId(), Collectors.counting()));
    answer.put("LayersSize", usage.totalBytes());
    ArrayNode entries = answer.putArray("Images");
    for (Image image : (Iterable<Image>) images.all()::iterator) {
      ObjectNode entry = ImageJson.summary(image, image.tags());
      entry.put("SharedSize", usage.sharedBytes(image));
      entry.put("Containers", users.getOrDefault(image.id(), 0L));
      entries.add(old ? entry.put("VirtualSize", image.sizeBytes()) : entry);
    }
  }

  private void addVolumes(ArrayNode entries) throws IOException {
    for (LocalVolume volume : volumes.list()) {
      ObjectNode entry = VolumeRoutes.json(volume);
      entry
          .putObject("UsageData")
          .put("Size", volumes.size(volume))
          .put("RefCount", volumes.users(volume.name()).size());
      entries.add(entry);
    }
  }
}
