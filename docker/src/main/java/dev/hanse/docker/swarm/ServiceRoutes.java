package dev.hanse.docker.swarm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.control.command.ServiceCommand.RemoveService;
import dev.hanse.control.command.ServiceCommand.UpdateService;
import dev.hanse.control.orchestrator.Mode;
import dev.hanse.control.query.ServiceStatus;
import dev.hanse.docker.field.Fields;
import dev.hanse.docker.json.ServiceJson;
import dev.hanse.docker.protocol.Filters;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.NetworkAttachmentConfig;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import dev.hanse.web.Router;
import java.io.IOException;
import java.util.Optional;

/** {@code /services}, but for the logs. */
public final class ServiceRoutes {
  private static final String REGISTRY_AUTH = "X-Registry-Auth";

  private final ManagerGate gate;

  public ServiceRoutes(ManagerGate gate) {
    this.gate = gate;
  }

  /** Adds the routes. */
  public void addTo(Router router) {
    router
        .get("/services", this::list)
        .post("/services/create", this::create)
        .get("/services/{id}", this::inspect)
        .post("/services/{id}/update", this::update)
        .delete("/services/{id}", this::remove);
  }

  private void list(Exchange exchange) throws IOException {
    Filters filters = Filters.of(exchange).allowOnly("name", "id", "label", "mode", "runtime");
    boolean withStatus = exchange.query().strictFlag("status");
    new Listing<>(
            Kind.SERVICE,
            gate::snapshot,
            (_, service) -> fits(service, filters),
            (snapshot, service) ->
                ServiceJson.service(
                    service,
                    withStatus
                        ? Optional.of(ServiceStatus.of(snapshot, service))
                        : Optional.empty()))
        .send(exchange);
  }

  private static boolean fits(Service service, Filters filters) {
    ServiceSpec spec = service.getSpec();
    return Named.fits(filters, service.getId(), spec.getAnnotations())
        && filters.any("mode", mode(spec)::equals)
        && filters.any("runtime", runtime(spec)::equals);
  }

  private static String mode(ServiceSpec spec) {
    return Mode.of(spec).map(Mode::word).orElse("");
  }

  private static String runtime(ServiceSpec spec) {
    return switch (spec.getTask().getRuntimeCase()) {
      case CONTAINER, RUNTIME_NOT_SET -> "container";
      case ATTACHMENT -> "attachment";
      case GENERIC -> spec.getTask().getGeneric().getKind();
    };
  }

  private void inspect(Exchange exchange) throws IOException {
    boolean insertDefaults = exchange.query().strictFlag("insertDefaults");
    Service service = find(exchange);
    if (insertDefaults) {
      service = service.toBuilder().setSpec(ServiceDefaults.fill(service.getSpec())).build();
    }
    exchange.json(200, ServiceJson.service(service, Optional.empty()));
  }

  private Service find(Exchange exchange) {
    return Named.find(gate.snapshot(), Kind.SERVICE, exchange.variable("id"));
  }

  private void create(Exchange exchange) throws IOException, InterruptedException {
    ServiceSpec.Builder spec = read(exchange);
    if (spec.getAnnotations().getName().isEmpty()) {
      spec.getAnnotationsBuilder().setName(RandomNames.next(this::isTaken));
    }
    exchange
        .header(REGISTRY_AUTH)
        .ifPresent(
            auth ->
                container(spec)
                    .setPullOptions(ContainerSpec.PullOptions.newBuilder().setRegistryAuth(auth)));
    String id = gate.create(new CreateService(spec.build()), Kind.SERVICE, Service.class);
    ObjectNode answer = Json.object().put("ID", id);
    answer.putNull("Warnings");
    exchange.json(201, answer);
  }

  private boolean isTaken(String name) {
    return gate.snapshot().findByName(Kind.SERVICE, name).isPresent();
  }

  /** The specification in the body, with the networks' ids in the place of their names. */
  private ServiceSpec.Builder read(Exchange exchange) throws IOException {
    Fields fields = Fields.of(exchange.json());
    Snapshot snapshot = gate.snapshot();
    ServiceSpec.Builder spec = ServiceJson.spec(fields).toBuilder();
    for (NetworkAttachmentConfig.Builder config : spec.getTaskBuilder().getNetworksBuilderList()) {
      config.setTarget(Named.find(snapshot, Kind.NETWORK, config.getTarget()).getId());
    }
    return spec;
  }

  private static ContainerSpec.Builder container(ServiceSpec.Builder spec) {
    return spec.getTaskBuilder().getContainerBuilder();
  }

  private void update(Exchange exchange) throws IOException, InterruptedException {
    ServiceSpec.Builder spec = read(exchange);
    long version = Versions.of(exchange, "service");
    boolean rollback =
        switch (exchange.query().text("rollback")) {
          case "", "none" -> false;
          case "previous" -> true;
          default ->
              throw HttpFailure.invalid(
                  "unrecognized rollback option " + exchange.query().text("rollback"));
        };
    Service service = find(exchange);
    pullOptions(exchange, service).ifPresent(container(spec)::setPullOptions);
    gate.write(new UpdateService(service.getId(), version, spec.build(), rollback));
    ObjectNode answer = Json.object();
    answer.putNull("Warnings");
    exchange.json(200, answer);
  }

  /** New credentials, or those that the service has, or those that it had before. */
  private static Optional<ContainerSpec.PullOptions> pullOptions(
      Exchange exchange, Service service) {
    Optional<String> auth = exchange.header(REGISTRY_AUTH);
    if (auth.isPresent()) {
      return Optional.of(
          ContainerSpec.PullOptions.newBuilder().setRegistryAuth(auth.get()).build());
    }
    ServiceSpec source =
        switch (exchange.query().text("registryAuthFrom")) {
          case "", "spec" -> service.getSpec();
          case "previous-spec" -> {
            if (!service.hasPreviousSpec()) {
              throw HttpFailure.invalid("service does not have a previous spec");
            }
            yield service.getPreviousSpec();
          }
          default ->
              throw HttpFailure.invalid(
                  "invalid registryAuthFrom '%s'"
                      .formatted(exchange.query().text("registryAuthFrom")));
        };
    ContainerSpec container = source.getTask().getContainer();
    return container.hasPullOptions() ? Optional.of(container.getPullOptions()) : Optional.empty();
  }

  private void remove(Exchange exchange) throws IOException, InterruptedException {
    gate.write(new RemoveService(find(exchange).getId()));
    exchange.empty(200);
  }
}
