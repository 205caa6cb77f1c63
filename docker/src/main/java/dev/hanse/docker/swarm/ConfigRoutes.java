package dev.hanse.docker.swarm;

import dev.hanse.control.command.ConfigCommand.CreateConfig;
import dev.hanse.control.command.ConfigCommand.RemoveConfig;
import dev.hanse.control.command.ConfigCommand.UpdateConfig;
import dev.hanse.docker.field.Fields;
import dev.hanse.docker.json.ConfigJson;
import dev.hanse.docker.protocol.Filters;
import dev.hanse.model.Config;
import dev.hanse.model.ConfigSpec;
import dev.hanse.store.Kind;
import dev.hanse.web.Exchange;
import dev.hanse.web.Json;
import dev.hanse.web.Router;
import java.io.IOException;

/** {@code /configs}. */
public final class ConfigRoutes {
  private final ManagerGate gate;

  public ConfigRoutes(ManagerGate gate) {
    this.gate = gate;
  }

  /** Adds the routes. */
  public void addTo(Router router) {
    router
        .get("/configs", this::list)
        .post("/configs/create", this::create)
        .get("/configs/{id}", exchange -> exchange.json(200, ConfigJson.config(find(exchange))))
        .post("/configs/{id}/update", this::update)
        .delete("/configs/{id}", this::remove);
  }

  private Config find(Exchange exchange) {
    return Named.find(gate.snapshot(), Kind.CONFIG, exchange.variable("id"));
  }

  private void list(Exchange exchange) throws IOException {
    Filters filters = Filters.of(exchange).allowOnly("name", "id", "label");
    new Listing<>(
            Kind.CONFIG,
            gate::snapshot,
            (_, config) -> Named.fits(filters, config.getId(), config.getSpec().getAnnotations()),
            (_, config) -> ConfigJson.config(config))
        .send(exchange);
  }

  private void create(Exchange exchange) throws IOException, InterruptedException {
    ConfigSpec spec = ConfigJson.spec(Fields.of(exchange.json()));
    String id = gate.create(new CreateConfig(spec), Kind.CONFIG, Config.class);
    exchange.json(201, Json.object().put("ID", id));
  }

  private void update(Exchange exchange) throws IOException, InterruptedException {
    ConfigSpec spec = ConfigJson.spec(Fields.of(exchange.json()));
    long version = Versions.of(exchange, "config");
    gate.write(new UpdateConfig(find(exchange).getId(), version, spec));
    exchange.empty(200);
  }

  private void remove(Exchange exchange) throws IOException, InterruptedException {
    gate.write(new RemoveConfig(find(exchange).getId()));
    exchange.empty(204);
  }
}
