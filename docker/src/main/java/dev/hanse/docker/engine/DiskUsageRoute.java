package dev.hanse.docker.engine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.agent.Agent;
import dev.hanse.agent.volume.LocalVolume;
import dev.hanse.docker.http.Exchange;
import dev.hanse.docker.http.Json;
import dev.hanse.docker.http.Router;
import dev.hanse.runtime.images.Image;
import dev.hanse.runtime.images.Images;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code GET /system/df}: what images, containers and volumes take on this node's disk. */
final class DiskUsageRoute {
  private final Images images;
  private final NodeContainers containers;
  private final ContainerJson json;
  private final Agent agent;

  DiskUsageRoute(Images images, NodeContainers containers, ContainerJson json, Agent agent) {
    this.images = images;
    this.containers = containers;
    this.json = json;
    this.agent = agent;
  }

  void addTo(Router router) {
    router.get("/system/df", this::usage);
  }

  private void usage(Exchange exchange) throws IOException {
    List<NodeContainer> all = containers.all();
    Map<String, Long> users =
        all.stream()
            .collect(
                Collectors.groupingBy(
                    container -> container.state().imageId(), Collectors.counting()));
    ObjectNode answer = Json.object();
    ArrayNode imageEntries = answer.putArray("Images");
    long layers = 0;
    for (Image image : images.list()) {
      layers += image.sizeBytes();
      imageEntries.add(
          ImageJson.summary(image, users.getOrDefault(image.id(), 0L).intValue())
              .put("SharedSize", 0));
    }
    answer.put("LayersSize", layers);
    ArrayNode containerEntries = answer.putArray("Containers");
    for (NodeContainer container : all) {
      containerEntries.add(
          json.summary(container)
              .put("SizeRw", agent.logs().size(container.id()))
              .put("SizeRootFs", 0));
    }
    ArrayNode volumeEntries = answer.putArray("Volumes");
    for (LocalVolume volume : agent.volumes().list()) {
      ObjectNode entry = VolumeRoutes.json(volume);
      entry
          .putObject("UsageData")
          .put("Size", agent.volumes().size(volume))
          .put("RefCount", agent.volumes().users(volume.name()).size());
      volumeEntries.add(entry);
    }
    answer.putArray("BuildCache");
    exchange.json(200, answer);
  }
}
