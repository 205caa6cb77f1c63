package dev.hanse.docker.image;

import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.content.ImageProgress;
import dev.hanse.runtime.content.Reference;
import dev.hanse.runtime.images.Image;
import dev.hanse.runtime.images.Images;
import dev.hanse.runtime.images.LoadedImage;
import dev.hanse.runtime.registry.RegistryCredentials;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Router;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;

/** Images that come and go: pull, import, load, save. */
public final class ImageTransferRoutes {
  private final Images images;
  private final ImageEvents events;

  /** Transfers into and out of these images; each that came or went is an event. */
  public ImageTransferRoutes(Images images, ImageEvents events) {
    this.images = images;
    this.events = events;
  }

  /** Adds its routes. */
  public void addTo(Router router) {
    router
        .get("/images/get", exchange -> save(exchange, exchange.query().all("names")))
        .get(
            "/images/{name...}/get", exchange -> save(exchange, List.of(exchange.variable("name"))))
        .post("/images/create", this::create)
        .post("/images/load", this::load);
  }

  private void create(Exchange exchange) throws IOException {
    if (exchange.query().find("fromImage").isPresent()) {
      pull(exchange);
    } else {
      importRootfs(exchange);
    }
  }

  private void pull(Exchange exchange) throws IOException {
    String image = exchange.query().text("fromImage");
    String tag = exchange.query().text("tag");
    String separator = tag.contains(":") ? "@" : ":";
    String name = image.endsWith(":") ? image.substring(0, image.length() - 1) : image;
    Reference reference = Reference.parse(tag.isEmpty() ? name : name + separator + tag);
    Optional<RegistryCredentials> credentials = RequestCredentials.of(exchange);
    ProgressStream progress = new ProgressStream(exchange);
    progress.run(
        () -> {
          pull(reference, credentials, progress);
          events.publish("pull", reference.familiar(), reference.familiarName());
        });
  }

  /** A refused login is no 401: at that the CLI would ask its user for a password, and wait. */
  private void pull(
      Reference reference, Optional<RegistryCredentials> credentials, ProgressStream progress) {
    try {
      var unused = images.pull(reference, credentials, progress);
    } catch (RuntimeFault fault) {
      if (fault.kind() == RuntimeFault.Kind.UNAUTHORIZED) {
        throw HttpFailure.internal(fault.getMessage());
      }
      throw fault;
    }
  }

  private void importRootfs(Exchange exchange) throws IOException {
    String source = exchange.query().text("fromSrc");
    if (!source.equals("-")) {
      throw HttpFailure.invalid(
          "importing from a URL is not supported: send the archive with the request"
              + " (docker import -)");
    }
    String tag = exchange.query().find("tag").map(text -> ":" + text).orElse("");
    Optional<Reference> reference =
        exchange.query().find("repo").map(name -> Reference.parse(name + tag));
    String message = exchange.query().find("message").orElse("Imported from -");
    Image image;
    try (InputStream body = exchange.body()) {
      image = images.importRootfs(body, reference, message, exchange.query().all("changes"));
    }
    events.publish("import", image.id(), image.id());
    ProgressStream progress = new ProgressStream(exchange);
    progress.run(() -> progress.status(image.id()));
  }

  private void load(Exchange exchange) throws IOException {
    boolean quiet = exchange.query().flag("quiet");
    ProgressStream progress = new ProgressStream(exchange);
    progress.runToItsLastLine(
        () -> {
          List<LoadedImage> loaded;
          try (InputStream body = exchange.body()) {
            loaded = images.load(body, quiet ? ImageProgress.Listener.NONE : progress);
          }
          for (LoadedImage image : loaded) {
            for (String name : image.names()) {
              progress.text("Loaded image: " + name + "\n");
            }
            if (image.names().isEmpty()) {
              progress.text("Loaded image ID: " + image.image().id() + "\n");
            }
            events.publish("load", image.image().id(), image.image().id());
          }
        });
  }

  private void save(Exchange exchange, List<String> names) throws IOException {
    if (names.isEmpty()) {
      throw HttpFailure.invalid("name the images to save");
    }
    List<Image> found = names.stream().map(images::require).toList();
    try (OutputStream archive = exchange.stream(200, "application/x-tar")) {
      images.save(names, archive);
    }
    found.forEach(image -> events.publish("save", image.id(), image.id()));
  }
}
