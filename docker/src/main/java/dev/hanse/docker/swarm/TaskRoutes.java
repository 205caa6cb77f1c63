package dev.hanse.docker.swarm;

import dev.hanse.control.allocator.TaskNames;
import dev.hanse.control.orchestrator.Specifications;
import dev.hanse.docker.json.TaskJson;
import dev.hanse.docker.protocol.Filters;
import dev.hanse.model.Task;
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
    router
        .get("/tasks", this::list)
        .get(
            "/tasks/{id}",
            exchange -> exchange.json(200, TaskJson.task(find(gate, exchange.variable("id")))));
  }

  /** The task that the text means; tasks' names are made up from those of their services. */
  static Task find(ManagerGate gate, String input) {
    Snapshot snapshot = gate.snapshot();
    List<Task> named =
        snapshot.all(Kind.TASK).stream().filter(task -> TaskNames.of(task).equals(input)).toList();
    return named.size() == 1 ? named.getFirst() : Lookup.find(snapshot, Kind.TASK, input);
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
                    && (!filters.has("_up-to-date") || isUpToDate(snapshot, task)),
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
    return kind.id(Lookup.find(snapshot, kind, input));
  }

  private static boolean fits(Task task, Filters filters) {
    return filters.any("name", TaskNames.of(task)::startsWith)
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

  /** For the progress that clients show: the task is as its service now wants it. */
  private static boolean isUpToDate(Snapshot snapshot, Task task) {
    return snapshot
        .find(Kind.SERVICE, task.getServiceId())
        .map(
            service ->
                !Specifications.isOutdated(
                    service, task, snapshot.find(Kind.NODE, task.getNodeId())))
        .orElse(false);
  }
}
