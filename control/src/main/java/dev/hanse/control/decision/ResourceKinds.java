package dev.hanse.control.decision;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The kinds that resources may have. An API that keeps objects of its own adds a line here. */
final class ResourceKinds {
  /** Those of this program. */
  static final ResourceKinds ALL = new ResourceKinds(List.of());

  private final Map<String, ResourceKind<?>> byName;

  ResourceKinds(List<ResourceKind<?>> kinds) {
    this.byName =
        kinds.stream()
            .collect(Collectors.toUnmodifiableMap(ResourceKind::name, Function.identity()));
  }

  Optional<ResourceKind<?>> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }
}
