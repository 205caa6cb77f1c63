package dev.hanse.control.decision;

import dev.hanse.control.Rejection;
import dev.hanse.control.Times;
import dev.hanse.control.orchestrator.Disconnect;
import dev.hanse.control.orchestrator.Mode;
import dev.hanse.control.scheduler.Constraint;
import dev.hanse.model.Driver;
import dev.hanse.model.LogLimits;
import dev.hanse.model.Placement;
import dev.hanse.model.Resources;
import dev.hanse.model.RestartPolicy;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.TaskSpec;
import dev.hanse.model.UpdateConfig;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;

/** The rules for a service's specification, as far as it can be judged by itself. */
final class ServiceRules {
  private static final long NANO_CPUS_MIN = 1_000_000;
  private static final long MEMORY_BYTES_MIN = 4L << 20;

  private ServiceRules() {}

  static Optional<Rejection> check(ServiceSpec spec) {
    return Names.check(spec.getAnnotations())
        .or(() -> checkDisconnect(spec))
        .or(() -> checkTask(spec.getTask(), spec.getAnnotations().getLabelsMap()))
        .or(() -> checkMode(spec))
        .or(() -> checkUpdate(spec.getUpdate()))
        .or(() -> checkUpdate(spec.getRollback()))
        .or(() -> PublishedPorts.check(spec.getEndpoint()));
  }

  private static Optional<Rejection> checkDisconnect(ServiceSpec spec) {
    String value =
        spec.getAnnotations().getLabelsOrDefault(Disconnect.LABEL, Disconnect.REPLACE_VALUE);
    return Disconnect.parse(value).isPresent()
        ? Optional.empty()
        : Outcome.invalid(
            "invalid value \"%s\" of label %s: expected \"replace\" or \"keep:DURATION\" with a"
                    .formatted(value, Disconnect.LABEL)
                + " duration from 1s to 720h, for example keep:60s");
  }

  private static Optional<Rejection> checkMode(ServiceSpec spec) {
    return Mode.of(spec)
        .map(mode -> mode.check(spec))
        .orElseGet(() -> Outcome.invalid("Unrecognized service mode"));
  }

  private static Optional<Rejection> checkTask(TaskSpec spec, Map<String, String> serviceLabels) {
    return checkResources(spec.getResources().getLimits())
        .or(() -> checkResources(spec.getResources().getReservations()))
        .or(() -> checkRestart(spec.getRestart()))
        .or(() -> checkPlacement(spec.getPlacement()))
        .or(() -> checkLogDriver(spec.getLogDriver()))
        .or(() -> References.check(spec.getContainer()))
        .or(() -> checkRuntime(spec, serviceLabels));
  }

  private static Optional<Rejection> checkRuntime(
      TaskSpec spec, Map<String, String> serviceLabels) {
    return switch (spec.getRuntimeCase()) {
      case CONTAINER -> ContainerRules.check(spec.getContainer(), serviceLabels);
      case RUNTIME_NOT_SET -> Outcome.invalid("TaskSpec: missing runtime");
      case ATTACHMENT, GENERIC ->
          Optional.of(
              new Rejection.Unimplemented("RuntimeSpec: unimplemented runtime in service spec"));
    };
  }

  private static Optional<Rejection> checkResources(Resources resources) {
    if (resources.getNanoCpus() != 0 && resources.getNanoCpus() < NANO_CPUS_MIN) {
      String cpus =
          BigDecimal.valueOf(resources.getNanoCpus(), 9).stripTrailingZeros().toPlainString();
      return Outcome.invalid("invalid cpu value %s: Must be at least 0.001".formatted(cpus));
    }
    if (resources.getMemoryBytes() != 0 && resources.getMemoryBytes() < MEMORY_BYTES_MIN) {
      return Outcome.invalid(
          "invalid memory value %d: Must be at least 4MiB".formatted(resources.getMemoryBytes()));
    }
    return Optional.empty();
  }

  private static Optional<Rejection> checkRestart(RestartPolicy policy) {
    if (Times.duration(policy.getDelay()).isNegative()) {
      return Outcome.invalid("TaskSpec: restart-delay cannot be negative");
    }
    return Times.duration(policy.getWindow()).isNegative()
        ? Outcome.invalid("TaskSpec: restart-window cannot be negative")
        : Optional.empty();
  }

  private static Optional<Rejection> checkPlacement(Placement placement) {
    return switch (Constraint.parse(placement.getConstraintsList())) {
      case Constraint.Parsed.Constraints constraints -> Optional.empty();
      case Constraint.Parsed.Malformed malformed -> Outcome.invalid(malformed.reason());
    };
  }

  /** Which drivers there are, the nodes know: for one that none of them has, the tasks wait. */
  private static Optional<Rejection> checkLogDriver(Driver driver) {
    return LogLimits.fault(driver.getName(), driver.getOptionsMap())
        .flatMap(why -> Outcome.invalid("TaskSpec: LogDriver: " + why));
  }

  private static Optional<Rejection> checkUpdate(UpdateConfig config) {
    if (Times.duration(config.getDelay()).isNegative()) {
      return Outcome.invalid("TaskSpec: update-delay cannot be negative");
    }
    if (Times.duration(config.getMonitor()).isNegative()) {
      return Outcome.invalid("TaskSpec: update-monitor cannot be negative");
    }
    float ratio = config.getMaxFailureRatio();
    return ratio >= 0 && ratio <= 1
        ? Optional.empty()
        : Outcome.invalid(
            "TaskSpec: update-maxfailureratio cannot be less than 0 or bigger than 1");
  }
}
