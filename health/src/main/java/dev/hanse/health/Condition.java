package dev.hanse.health;

import java.util.Optional;
import java.util.function.Supplier;

/** A condition that is looked at when somebody asks. */
final class Condition extends Health.Part {
  private final Supplier<Optional<String>> fault;

  Condition(Health health, String name, boolean vital, Supplier<Optional<String>> fault) {
    super(health, name, vital);
    this.fault = fault;
  }

  @Override
  HealthReport.Kind kind() {
    return HealthReport.Kind.CONDITION;
  }

  @Override
  HealthReport.State state() {
    try {
      return fault
          .get()
          .<HealthReport.State>map(HealthReport.Faulty::new)
          .orElseGet(HealthReport.Well::new);
    } catch (RuntimeException unknown) {
      return new HealthReport.Faulty("cannot be looked at: " + unknown);
    }
  }
}
