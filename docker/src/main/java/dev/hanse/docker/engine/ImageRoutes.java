package dev.hanse.docker.engine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.events.Event;
import dev.hanse.docker.events.EventHub;
import dev.hanse.docker.http.Exchange;
import dev.hanse.docker.http.Filters;
import dev.hanse.docker.http.HttpFailure;
import dev.hanse.docker.http.Json;
import dev.hanse.docker.http.Router;
import dev.hanse.runtime.images.Image;
import dev.hanse.runtime.images.Images;
import dev.hanse.runtime.images.LoadedImage;
import dev.hanse.runtime.images.Reference;
import dev.hanse.runtime.images.RegistryCredentials;
import dev.hanse.runtime.images.RemovedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code /images} (<a href="https://docs.docker.com/reference/api/engine/#tag/Image">API</a>). */
final class ImageRoutes {
  private static final String PULLED_UP_TO_DATE = "Status: Image is up to date for ";
  private static final String PULLED_NEWER = "Status: Downloaded newer image for ";

  private final Images images;
  private final NodeContainers containers;
  private final EventHub events;

  ImageRoutes(Images images, NodeContainers containers, EventHub events) {
    this.images = images;
    this.containers = containers;
    this.events = events;
  }

  void addTo(Router router) {
    router
        .get("/images/json", this::list)
        .get("/images/get", this::saveNamed)
        .get("/images/{name...}/json", this::inspect)
        .get("/images/{name...}/history", this::history)
        .get("/images/{name...}/get", this::saveOne)
        .post("/images/create", this::create)
        .post("/images/load", this::load)
        .post("/images/prune", this::prune)
        .post("/images/{name...}/tag", this::tag)
        .delete("/images/{name...}", this::remove);
  }

  private void list(Exchange exchange) throws IOException {
    Filters filters =
        exchange
            .query()
            .filters()
            .allowOnly("dangling", "label", "reference", "before", "since", "until");
    ArrayNode found = Json.array();
    for (Image image : images.list()) {
      if (matches(filters, image)) {
        found.add(ImageJson.summary(image, users(image)));
      }
    }
    exchange.json(200, found);
  }

  private boolean matches(Filters filters, Image image) {
    boolean dangling =
        !filters.has("dangling") || image.tags().isEmpty() == filters.flag("dangling", false);
    return dangling
        && filters.labels("label", image.config().labels())
        && filters.any("reference", pattern -> ReferencePattern.matches(pattern, image.tags()))
        && filters.any("before", other -> image.stored().isBefore(images.require(other).stored()))
        && filters.any("since", other -> image.stored().isAfter(images.require(other).stored()))
        && filters.any("until", limit -> image.stored().isBefore(Timestamps.parse(limit)));
  }

  private int users(Image image) {
    return (int)
        containers.all().stream()
            .filter(container -> container.state().imageId().equals(image.id()))
            .count();
  }

  private void inspect(Exchange exchange) throws IOException {
    exchange.json(200, ImageJson.details(images.require(exchange.variable("name"))));
  }

  private void history(Exchange exchange) throws IOException {
    exchange.json(200, ImageJson.history(images.require(exchange.variable("name"))));
  }

  private void tag(Exchange exchange) throws IOException {
    String repository = exchange.query().text("repo");
    String tag = exchange.query().find("tag").map(text -> ":" + text).orElse("");
    Image image = images.require(exchange.variable("name"));
    images.tag(image.id(), repository + tag);
    event("tag", image.id(), Reference.parse(repository + tag).familiar());
    exchange.empty(201);
  }

  private void remove(Exchange exchange) throws IOException {
    String name = exchange.variable("name");
    boolean force = exchange.query().flag("force");
    Image image = images.require(name);
    if (image.tags().size() <= 1 || image.id().contains(name)) {
      refuseWhileUsed(image, name, force);
    }
    exchange.json(200, removed(images.remove(name, force)));
  }

  private void refuseWhileUsed(Image image, String name, boolean force) {
    for (NodeContainer container : containers.all()) {
      boolean uses = container.state().imageId().equals(image.id());
      if (uses && (container.isRunning() || !force)) {
        throw HttpFailure.conflict(
            "conflict: unable to %s %s (%s) - %s %s is using its referenced image %s"
                .formatted(
                    image.id().contains(name)
                        ? "delete"
                        : "remove repository reference \"" + name + "\"",
                    image.id().contains(name) ? ImageJson.shortId(image.id()) : "",
                    container.isRunning() ? "cannot be forced" : "must force",
                    container.isRunning() ? "running container" : "container",
                    container.shortId(),
                    ImageJson.shortId(image.id()))
                .replace(" () -", " -"));
      }
    }
  }

  private ArrayNode removed(List<RemovedImage> removals) {
    ArrayNode answer = Json.array();
    for (RemovedImage removal : removals) {
      switch (removal) {
        case RemovedImage.Untagged(String reference) -> {
          answer.addObject().put("Untagged", reference);
          event("untag", reference, reference);
        }
        case RemovedImage.Deleted(String id) -> {
          answer.addObject().put("Deleted", id);
          event("delete", id, id);
        }
      }
    }
    return answer;
  }

  private void prune(Exchange exchange) throws IOException {
    Filters filters = exchange.query().filters().allowOnly("dangling", "label", "label!", "until");
    long before = totalSize();
    List<RemovedImage> removals = images.prune(!filters.flag("dangling", true));
    ObjectNode answer = Json.object();
    answer.set("ImagesDeleted", removed(removals));
    answer.put("SpaceReclaimed", Math.max(0, before - totalSize()));
    exchange.json(200, answer);
  }

  private long totalSize() {
    return images.list().stream().mapToLong(Image::sizeBytes).sum();
  }

  private void create(Exchange exchange) throws IOException {
    Optional<String> source = exchange.query().find("fromSrc");
    if (source.isPresent()) {
      importRootfs(exchange, source.get());
    } else {
      pull(exchange);
    }
  }

  private void pull(Exchange exchange) throws IOException {
    String image = exchange.query().text("fromImage");
    if (image.isEmpty()) {
      throw HttpFailure.invalid("invalid reference format");
    }
    String tag = exchange.query().text("tag");
    String separator = tag.contains(":") ? "@" : ":";
    Reference reference = Reference.parse(tag.isEmpty() ? image : image + separator + tag);
    Optional<RegistryCredentials> credentials =
        RegistryCredentials.parse(exchange.header("X-Registry-Auth").orElse(""));
    ProgressStream progress = new ProgressStream(exchange);
    progress.run(
        () -> {
          progress.status(
              reference.tag().orElseGet(() -> reference.digest().orElse("")),
              "Pulling from " + reference.repository());
          Optional<String> before = images.find(reference.familiar()).map(Image::id);
          Image pulled = images.pull(reference, credentials, progress);
          progress.status("Digest: " + pulled.manifestDigest());
          boolean same = before.equals(Optional.of(pulled.id()));
          progress.status((same ? PULLED_UP_TO_DATE : PULLED_NEWER) + reference.familiar());
          event("pull", reference.familiar(), reference.familiarName());
        });
  }

  private void importRootfs(Exchange exchange, String source) throws IOException {
    if (!source.equals("-")) {
      throw HttpFailure.invalid(
          "importing from a URL is not supported: send the archive in the request (docker import -)");
    }
    Optional<String> repository = exchange.query().find("repo");
    String tag = exchange.query().find("tag").map(text -> ":" + text).orElse("");
    Optional<Reference> reference = repository.map(name -> Reference.parse(name + tag));
    String message = exchange.query().text("message");
    List<String> changes = exchange.query().all("changes");
    Image image;
    try (InputStream body = exchange.body()) {
      image = images.importRootfs(body, reference, message, changes);
    }
    event("import", image.id(), image.id());
    ProgressStream progress = new ProgressStream(exchange);
    progress.run(() -> progress.status(image.id()));
  }

  private void load(Exchange exchange) throws IOException {
    ProgressStream progress = new ProgressStream(exchange);
    progress.run(
        () -> {
          List<LoadedImage> loaded;
          try (InputStream body = exchange.body()) {
            loaded = images.load(body, progress);
          }
          for (LoadedImage image : loaded) {
            for (String name : image.names()) {
              progress.text("Loaded image: " + name + "\n");
            }
            if (image.names().isEmpty()) {
              progress.text("Loaded image ID: " + image.image().id() + "\n");
            }
            event("load", image.image().id(), image.image().id());
          }
        });
  }

  private void saveNamed(Exchange exchange) throws IOException {
    save(exchange, exchange.query().all("names"));
  }

  private void saveOne(Exchange exchange) throws IOException {
    save(exchange, List.of(exchange.variable("name")));
  }

  private void save(Exchange exchange, List<String> names) throws IOException {
    names.forEach(images::require);
    try (OutputStream archive = exchange.stream(200, "application/x-tar")) {
      images.save(names, archive);
    }
  }

  private void event(String action, String id, String name) {
    events.publish(Event.local("image", action, id, Map.of("name", name)));
  }
}
