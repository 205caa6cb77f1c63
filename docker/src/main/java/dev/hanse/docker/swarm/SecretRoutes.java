package dev.hanse.docker.swarm;

import dev.hanse.control.command.SecretCommand.CreateSecret;
import dev.hanse.control.command.SecretCommand.RemoveSecret;
import dev.hanse.control.command.SecretCommand.UpdateSecret;
import dev.hanse.docker.field.Fields;
import dev.hanse.docker.json.SecretJson;
import dev.hanse.docker.protocol.Filters;
import dev.hanse.model.Annotations;
import dev.hanse.model.Secret;
import dev.hanse.model.SecretSpec;
import dev.hanse.store.Kind;
import dev.hanse.web.Exchange;
import dev.hanse.web.Json;
import dev.hanse.web.Router;
import java.io.IOException;

/** {@code /secrets}. */
public final class SecretRoutes {
  private final ManagerGate gate;

  public SecretRoutes(ManagerGate gate) {
    this.gate = gate;
  }

  /** Adds the routes. */
  public void addTo(Router router) {
    router
        .get("/secrets", this::list)
        .post("/secrets/create", this::create)
        .get("/secrets/{id}", exchange -> exchange.json(200, SecretJson.secret(find(exchange))))
        .post("/secrets/{id}/update", this::update)
        .delete("/secrets/{id}", this::remove);
  }

  private Secret find(Exchange exchange) {
    return Named.find(gate.snapshot(), Kind.SECRET, exchange.variable("id"));
  }

  private void list(Exchange exchange) throws IOException {
    Filters filters = Filters.of(exchange).allowOnly("names", "name", "id", "label");
    new Listing<>(
            Kind.SECRET,
            gate::snapshot,
            (_, secret) -> fits(secret, filters),
            (_, secret) -> SecretJson.secret(secret))
        .send(exchange);
  }

  private static boolean fits(Secret secret, Filters filters) {
    Annotations annotations = secret.getSpec().getAnnotations();
    return !secret.getInternal()
        && filters.any("names", annotations.getName()::equals)
        && Named.fits(filters, secret.getId(), annotations);
  }

  private void create(Exchange exchange) throws IOException, InterruptedException {
    SecretSpec spec = SecretJson.spec(Fields.of(exchange.json()));
    String id = gate.create(new CreateSecret(spec), Kind.SECRET, Secret.class);
    exchange.json(201, Json.object().put("ID", id));
  }

  private void update(Exchange exchange) throws IOException, InterruptedException {
    SecretSpec spec = SecretJson.spec(Fields.of(exchange.json()));
    long version = Versions.of(exchange, "secret");
    gate.write(new UpdateSecret(find(exchange).getId(), version, spec));
    exchange.empty(200);
  }

  private void remove(Exchange exchange) throws IOException, InterruptedException {
    gate.write(new RemoveSecret(find(exchange).getId()));
    exchange.empty(204);
  }
}
