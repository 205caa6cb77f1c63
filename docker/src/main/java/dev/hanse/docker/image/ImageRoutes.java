package dev.hanse.docker.image;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.container.NodeContainers;
import dev.hanse.docker.protocol.ApiVersion;
import dev.hanse.docker.protocol.Filters;
import dev.hanse.docker.protocol.PruneFilter;
import dev.hanse.docker.protocol.Timestamps;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.content.Reference;
import dev.hanse.runtime.images.Image;
import dev.hanse.runtime.images.Images;
import dev.hanse.runtime.images.RemovedImage;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import dev.hanse.web.Router;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * {@code /images}: what is here, its names, its removal (<a
 * href="https://docs.docker.com/reference/api/engine/#tag/Image">API</a>).
 */
public final class ImageRoutes {
  private final Images images;
  private final NodeContainers containers;
  private final ImageEvents events;

  /** Serves these images; the containers tell which are in use. */
  public ImageRoutes(Images images, NodeContainers containers, ImageEvents events) {
    this.images = images;
    this.containers = containers;
    this.events = events;
  }

  /** Adds its routes. */
  public void addTo(Router router) {
    router
        .get("/images/json", this::list)
        .get("/images/{name...}/json", this::inspect)
        .get("/images/{name...}/history", this::history)
        .post("/images/prune", this::prune)
        .post("/images/{name...}/tag", this::tag)
        .delete("/images/{name...}", this::remove);
  }

  private void list(Exchange exchange) throws IOException {
    Filters filters =
        Filters.of(exchange)
            .allowOnly("dangling", "label", "reference", "before", "since", "until");
    filters.values("reference").forEach(ReferencePattern::parse);
    boolean old = !ApiVersion.of(exchange).atLeast(1, 44);
    exchange.jsonArray(
        200,
        images
            .all()
            .filter(image -> matches(filters, image))
            .flatMap(image -> summary(image, filters, old).stream()));
  }

  private static Optional<ObjectNode> summary(Image image, Filters filters, boolean old) {
    List<String> tags = image.tags().stream().filter(tag -> isMeant(filters, tag)).toList();
    if (tags.isEmpty() && filters.has("reference")) {
      return Optional.empty();
    }
    ObjectNode entry = ImageJson.summary(image, tags);
    return Optional.of(old ? entry.put("VirtualSize", image.sizeBytes()) : entry);
  }

  private static boolean isMeant(Filters filters, String tag) {
    return filters.any("reference", pattern -> ReferencePattern.matches(pattern, tag));
  }

  private boolean matches(Filters filters, Image image) {
    boolean dangling =
        !filters.has("dangling") || image.tags().isEmpty() == filters.flag("dangling", false);
    return dangling
        && filters.labels("label", image.config().labels())
        && filters.any(
            "before",
            other -> ImageJson.made(image).isBefore(ImageJson.made(images.require(other))))
        && filters.any(
            "since", other -> ImageJson.made(image).isAfter(ImageJson.made(images.require(other))))
        && filters.any("until", limit -> ImageJson.made(image).isBefore(Timestamps.parse(limit)));
  }

  private void inspect(Exchange exchange) throws IOException {
    Image image = images.require(exchange.variable("name"));
    ObjectNode answer = ImageJson.details(image);
    boolean old = !ApiVersion.of(exchange).atLeast(1, 44);
    exchange.json(200, old ? answer.put("VirtualSize", image.sizeBytes()) : answer);
  }

  private void history(Exchange exchange) throws IOException {
    exchange.json(200, ImageJson.history(images.require(exchange.variable("name"))));
  }

  private void tag(Exchange exchange) throws IOException {
    String tag = exchange.query().find("tag").map(text -> ":" + text).orElse("");
    Reference reference = Reference.parse(exchange.query().text("repo") + tag);
    Image image = images.require(exchange.variable("name"));
    images.tag(image.id(), reference.familiar());
    events.publish("tag", image.id(), reference.familiar());
    exchange.empty(201);
  }

  private void remove(Exchange exchange) throws IOException {
    String name = exchange.variable("name");
    if (name.isBlank()) {
      throw HttpFailure.invalid("image name cannot be blank");
    }
    Image image = images.require(name);
    exchange.json(200, json(image, images.remove(name, exchange.query().flag("force"))));
  }

  private ArrayNode json(Image image, List<RemovedImage> removals) {
    ArrayNode answer = Json.array();
    for (RemovedImage removal : removals) {
      switch (removal) {
        case RemovedImage.Untagged(String reference) -> {
          answer.addObject().put("Untagged", reference);
          events.publish("untag", image.id(), image.id());
        }
        case RemovedImage.Deleted(String id) -> {
          answer.addObject().put("Deleted", id);
          events.publish("delete", id, id);
        }
      }
    }
    return answer;
  }

  private void prune(Exchange exchange) throws IOException {
    Filters filters = Filters.of(exchange).allowOnly("dangling", "label", "label!", "until");
    PruneFilter filter = PruneFilter.of(filters);
    boolean danglingOnly = filters.flag("dangling", true);
    long before = LayerUsage.of(images.all()).totalBytes();
    Set<String> used =
        containers.all().stream()
            .map(container -> container.state().imageId())
            .collect(Collectors.toSet());
    ArrayNode deleted = Json.array();
    for (Image image : (Iterable<Image>) images.all()::iterator) {
      boolean wanted =
          (image.tags().isEmpty() || !danglingOnly)
              && !used.contains(image.id())
              && filter.fits(image.config().labels(), ImageJson.made(image));
      if (wanted) {
        deleted.addAll(json(image, removeUnused(image)));
      }
    }
    long reclaimed = Math.max(0, before - LayerUsage.of(images.all()).totalBytes());
    events.pruned(reclaimed);
    ObjectNode answer = Json.object();
    answer.set("ImagesDeleted", deleted.isEmpty() ? Json.object().nullNode() : deleted);
    answer.put("SpaceReclaimed", reclaimed);
    exchange.json(200, answer);
  }

  /** Nothing, if somebody has begun to use it, or removed it, meanwhile. */
  private List<RemovedImage> removeUnused(Image image) {
    try {
      return images.remove(image.id(), true);
    } catch (RuntimeFault fault) {
      if (fault.kind() == RuntimeFault.Kind.CONFLICT
          || fault.kind() == RuntimeFault.Kind.NO_SUCH_IMAGE) {
        return List.of();
      }
      throw fault;
    }
  }
}
