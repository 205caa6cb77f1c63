package dev.hanse.docker.swarm;

import dev.hanse.control.query.Rollout;
import dev.hanse.docker.json.TaskJson;
import dev.hanse.docker.protocol.Filters;
import dev.hanse.model.Task;
import dev.hanse.model.TaskName;
import dev.hanse.model.TaskSpec;
import dev.hanse.model.TaskState;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Router;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code /tasks}, but for the logs. */
public final class TaskRoutes {
  private final ManagerGate gate;

  public TaskRoutes(ManagerGate gate) {
    this.gate = gate;
  }

  /** Adds the routes. */
  public void addTo(Router router) {
    router.get("/tasks", this::list).get("/tasks/{id}", this::inspect);
  }

  private void inspect(Exchange exchange) throws IOException {
    Task task = Named.task(gate.snapshot(), exchange.variable("id"));
    exchange.json(200, TaskJson.task(task));
  }

  private void list(Exchange exchange) throws IOException {
    Filters filters =
        Filters.of(exchange)
            .allowOnly(
                "name",
                "id",
                "label",
                "service",
                "node",
                "desired-state",
                "_up-to-date",
                "runtime");
    Set<String> services = ids(gate.snapshot(), Kind.SERVICE, filters.values("service"));
    Set<String> nodes = ids(gate.snapshot(), Kind.NODE, filters.values("node"));
    filters.values("desired-state").forEach(TaskRoutes::state);
    Listing<Task> listing =
        new Listing<>(
            Kind.TASK,
            gate::snapshot,
            (snapshot, task) ->
                (services.isEmpty() || services.contains(task.getServiceId()))
                    && (nodes.isEmpty() || nodes.contains(task.getNodeId()))
                    && fits(task, filters)
                    && (!filters.has("_up-to-date") || Rollout.hasReached(snapshot, task)),
            (_, task) -> TaskJson.task(task));
    if (services.isEmpty()) {
      listing.send(exchange);
    } else {
      listing.send(exchange, tasks(gate.snapshot(), services));
    }
  }

  private static List<String> tasks(Snapshot snapshot, Set<String> services) {
    return services.stream()
        .flatMap(id -> snapshot.tasksOfService(id).stream())
        .map(Task::getId)
        .toList();
  }

  private static Set<String> ids(Snapshot snapshot, Kind<?> kind, Set<String> inputs) {
    return inputs.stream().map(input -> id(snapshot, kind, input)).collect(Collectors.toSet());
  }

  private static <T extends com.google.protobuf.Message> String id(
      Snapshot snapshot, Kind<T> kind, String input) {
    return kind.id(Named.find(snapshot, kind, input));
  }

  private static boolean fits(Task task, Filters filters) {
    return filters.any("name", TaskName.of(task)::startsWith)
        && filters.any("id", task.getId()::startsWith)
        && filters.labels("label", task.getServiceAnnotations().getLabelsMap())
        && filters.any("desired-state", text -> state(text) == task.getDesiredState())
        && runtimeFits(task.getSpec(), filters);
  }

  /** Without this filter the tasks are shown that hold containers. */
  private static boolean runtimeFits(TaskSpec spec, Filters filters) {
    String runtime =
        switch (spec.getRuntimeCase()) {
          case CONTAINER, RUNTIME_NOT_SET -> "container";
          case ATTACHMENT -> "attachment";
          case GENERIC -> spec.getGeneric().getKind();
        };
    return filters.has("runtime")
        ? filters.any("runtime", runtime::equals)
        : runtime.equals("container");
  }

  private static TaskState state(String text) {
    return Stream.of(TaskState.values())
        .filter(state -> state.name().equals(text.toUpperCase(Locale.ROOT)))
        .filter(state -> state != TaskState.UNRECOGNIZED)
        .findFirst()
        .orElseThrow(() -> HttpFailure.invalid("Invalid desired-state filter: '" + text + "'"));
  }
}
