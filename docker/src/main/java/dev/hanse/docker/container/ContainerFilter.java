package dev.hanse.docker.container;

import dev.hanse.docker.protocol.Filters;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Mount;
import dev.hanse.runtime.images.Image;
import dev.hanse.runtime.images.Images;
import dev.hanse.runtime.process.ExitStatus;
import dev.hanse.text.Form;
import dev.hanse.web.HttpFailure;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The filters of {@code docker ps} (API: ContainerList). */
final class ContainerFilter {
  private static final Set<String> STATUSES =
      Set.of("created", "running", "paused", "restarting", "removing", "exited", "dead");
  private static final Set<String> HEALTHS = Set.of("none", "starting", "healthy", "unhealthy");
  private static final Form CODE = Form.of("-?[0-9]{1,9}", 10);

  private final Filters filters;
  private final NodeContainers containers;
  private final ContainerHealth health;
  private final ContainerImages configs;
  private final Set<String> images;

  /**
   * Checks the filters and looks up what they name.
   *
   * @throws HttpFailure 400 for an unknown field or value, 404 for a container that is not there
   */
  ContainerFilter(
      Filters filters, NodeContainers containers, ContainerHealth health, Images images) {
    this.filters =
        filters.allowOnly(
            "ancestor",
            "before",
            "exited",
            "expose",
            "health",
            "id",
            "is-task",
            "isolation",
            "label",
            "name",
            "network",
            "publish",
            "since",
            "status",
            "volume");
    this.containers = containers;
    this.health = health;
    this.configs = new ContainerImages(images);
    requireValues("status", STATUSES::contains);
    requireValues("health", HEALTHS::contains);
    requireValues("exited", code -> CODE.fits(code));
    this.images =
        filters.values("ancestor").stream()
            .map(images::find)
            .flatMap(Optional::stream)
            .map(Image::id)
            .collect(Collectors.toSet());
  }

  private void requireValues(String field, Predicate<String> valid) {
    for (String value : filters.values(field)) {
      if (!valid.test(value)) {
        throw HttpFailure.invalid("invalid filter '" + field + "=" + value + "'");
      }
    }
  }

  /** Whether it asks for containers that do not run. */
  boolean wantsStopped() {
    return filters.has("status") || filters.has("exited");
  }

  /** Those that fit, in the same order. */
  List<NodeContainer> apply(List<NodeContainer> all) {
    Optional<Instant> before = edge("before");
    Optional<Instant> since = edge("since");
    return all.stream()
        .filter(one -> before.isEmpty() || one.state().createdAt().isBefore(before.get()))
        .filter(one -> since.isEmpty() || one.state().createdAt().isAfter(since.get()))
        .filter(this::fits)
        .toList();
  }

  private Optional<Instant> edge(String field) {
    return filters.values(field).stream()
        .findFirst()
        .map(other -> containers.require(other).state().createdAt());
  }

  private boolean fits(NodeContainer container) {
    return filters.search("id", container.id())
        && filters.search("name", container.name(), "/" + container.name())
        && hasLabels(container)
        && filters.any("status", status -> status.equals(ContainerStateJson.status(container)))
        && filters.any("exited", code -> hasExited(container, Integer.parseInt(code)))
        && filters.any("health", wanted -> wanted.equals(health.status(container)))
        && (!filters.has("ancestor") || images.contains(container.state().imageId()))
        && (!filters.has("is-task") || filters.flag("is-task", true) == container.isTask())
        && filters.any("network", network -> ContainerNetworks.isAttached(container, network))
        && filters.any("publish", port -> ContainerNetworks.publishes(container, port))
        && filters.any("expose", port -> ContainerNetworks.exposes(container, port))
        && filters.any("volume", place -> mounts(container, place));
  }

  private boolean hasLabels(NodeContainer container) {
    return !filters.has("label") || filters.labels("label", configs.inspected(container).labels());
  }

  private static boolean hasExited(NodeContainer container, int code) {
    return !container.isRunning()
        && container.state().exit().map(ExitStatus::code).equals(Optional.of(code));
  }

  private static boolean mounts(NodeContainer container, String place) {
    List<Mount> mounts = container.spec().map(ContainerSpec::getMountsList).orElse(List.of());
    return mounts.stream()
        .anyMatch(mount -> mount.getTarget().equals(place) || mount.getSource().equals(place));
  }
}
