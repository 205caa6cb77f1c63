package dev.hanse.docker.image;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.field.Fields;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.content.Reference;
import dev.hanse.runtime.content.RemoteImage;
import dev.hanse.runtime.images.Images;
import dev.hanse.runtime.registry.RegistryCredentials;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import dev.hanse.web.Router;
import java.io.IOException;
import java.util.Optional;

/** What is asked of registries through this node: {@code docker login}, digests of names. */
public final class RegistryRoutes {
  private static final String DOCKER_HUB_HOST = "index.docker.io";

  private final Images images;
  private final RegistryLookup lookup;

  /** Asks registries by way of the images. */
  public RegistryRoutes(Images images) {
    this.images = images;
    this.lookup = new RegistryLookup(images);
  }

  /** Adds its routes. */
  public void addTo(Router router) {
    router.post("/auth", this::login).get("/distribution/{name...}/json", this::distribution);
  }

  private void login(Exchange exchange) throws IOException {
    Fields body = Fields.of(exchange.json());
    RegistryCredentials credentials =
        new RegistryCredentials(
            body.text("username"),
            body.text("password"),
            body.text("identitytoken"),
            body.text("registrytoken"));
    String registry = host(body.text("serveraddress"));
    try {
      images.checkLogin(registry, credentials);
    } catch (RuntimeFault fault) {
      if (fault.kind() == RuntimeFault.Kind.PULL_DENIED) {
        throw new HttpFailure(401, "unauthorized: incorrect username or password");
      }
      throw fault;
    }
    ObjectNode answer = Json.object();
    answer.put("Status", "Login Succeeded").put("IdentityToken", "");
    exchange.json(200, answer);
  }

  /** From {@code https://reg.example/v1/} to {@code reg.example}; nothing means Docker Hub. */
  private static String host(String address) {
    int scheme = address.startsWith("http://") || address.startsWith("https://") ? 3 : 0;
    String rest = scheme == 0 ? address : address.substring(address.indexOf("://") + scheme);
    int slash = rest.indexOf('/');
    String host = slash < 0 ? rest : rest.substring(0, slash);
    boolean hub = host.isEmpty() || host.equals(DOCKER_HUB_HOST);
    return hub ? Reference.DOCKER_HUB : host;
  }

  private void distribution(Exchange exchange) throws IOException, InterruptedException {
    Reference reference = Reference.parse(exchange.variable("name"));
    Optional<RegistryCredentials> credentials = RequestCredentials.of(exchange);
    RemoteImage found = lookup.find(reference, credentials);
    ObjectNode answer = Json.object();
    answer
        .putObject("Descriptor")
        .put("mediaType", found.mediaType())
        .put("digest", found.digest())
        .put("size", found.sizeBytes());
    ArrayNode platforms = answer.putArray("Platforms");
    for (RemoteImage.ImagePlatform platform : found.platforms()) {
      ObjectNode entry = platforms.addObject();
      entry.put("architecture", platform.architecture()).put("os", platform.operatingSystem());
      if (!platform.variant().isEmpty()) {
        entry.put("variant", platform.variant());
      }
    }
    exchange.json(200, answer);
  }
}
