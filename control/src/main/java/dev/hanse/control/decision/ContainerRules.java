package dev.hanse.control.decision;

import dev.hanse.control.Rejection;
import dev.hanse.control.Times;
import dev.hanse.model.BindRules;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.ContainerTemplate;
import dev.hanse.model.ContainerTexts;
import dev.hanse.model.Driver;
import dev.hanse.model.HealthConfig;
import dev.hanse.model.Mount;
import dev.hanse.model.Privileges;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.text.ImageName;
import dev.hanse.text.template.TemplateFault;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The rules for a container's specification. */
final class ContainerRules {
  private static final Duration HEALTH_DURATION_MIN = Duration.ofMillis(1);

  /** Docker's own has 15 kB. */
  static final int SECCOMP_PROFILE_BYTES_MAX = 128 << 10;

  /** Those of Docker's driver "local". */
  private static final Set<String> LOCAL_VOLUME_OPTIONS = Set.of("type", "o", "device", "size");

  private ContainerRules() {}

  static Optional<Rejection> check(ContainerSpec spec, Map<String, String> serviceLabels) {
    return checkImage(spec.getImage())
        .or(
            () ->
                ContainerTexts.fault(spec).flatMap(why -> Outcome.invalid("ContainerSpec: " + why)))
        .or(() -> checkFilled(spec, serviceLabels))
        .or(() -> checkPrivileges(spec.getPrivileges()))
        .or(() -> checkHealth(spec.getHealthcheck()));
  }

  /** What becomes of the templates is not known before there is a task; but that something does. */
  private static Optional<Rejection> checkFilled(
      ContainerSpec spec, Map<String, String> serviceLabels) {
    try {
      return checkMounts(ContainerTemplate.sample(serviceLabels).fill(spec).getMountsList());
    } catch (TemplateFault fault) {
      return Outcome.invalid(fault.getMessage());
    }
  }

  private static Optional<Rejection> checkImage(String image) {
    if (image.isEmpty()) {
      return Outcome.invalid("ContainerSpec: image reference must be provided");
    }
    return ImageName.parse(image) instanceof ImageName
        ? Optional.empty()
        : Outcome.invalid(
            "ContainerSpec: \"%s\" is not a valid repository/tag".formatted(shown(image)));
  }

  /** No more of it than an error may carry. */
  private static String shown(String image) {
    return image.length() > ImageName.LENGTH_MAX
        ? image.substring(0, ImageName.LENGTH_MAX) + "…"
        : image;
  }

  private static Optional<Rejection> checkMounts(List<Mount> mounts) {
    Set<String> targets = new HashSet<>();
    for (Mount mount : mounts) {
      if (!targets.add(mount.getTarget())) {
        return Outcome.invalid("ContainerSpec: duplicate mount point: " + mount.getTarget());
      }
      Optional<Rejection> rejection = checkMount(mount);
      if (rejection.isPresent()) {
        return rejection;
      }
    }
    return Optional.empty();
  }

  /** What Docker finds out only on the node, where it costs a rejected task after the other. */
  private static Optional<Rejection> checkMount(Mount mount) {
    String source = mount.getSource();
    if (!isAbsolute(mount.getTarget())) {
      return Outcome.invalid(
          "invalid mount target, must be an absolute path: " + mount.getTarget());
    }
    return switch (mount.getType()) {
      case BIND ->
          isAbsolute(source)
              ? BindRules.conflict(mount)
                  .flatMap(why -> Outcome.invalid("invalid mount config for type \"bind\": " + why))
              : Outcome.invalid("invalid bind mount source, must be an absolute path: " + source);
      case VOLUME ->
          source.startsWith("/")
              ? Outcome.invalid(
                  "invalid volume mount source, must not be an absolute path: " + source)
              : checkVolumeDriver(mount.getVolumeOptions().getDriverConfig());
      case TMPFS ->
          source.isEmpty()
              ? Optional.empty()
              : Outcome.invalid("invalid tmpfs source, source must be empty");
      case NPIPE, CLUSTER, UNRECOGNIZED ->
          Optional.of(
              new Rejection.Unimplemented(
                  "mounts of type %s are not supported".formatted(mount.getType())));
    };
  }

  /** The options of other drivers than this are known by their nodes alone. */
  private static Optional<Rejection> checkVolumeDriver(Driver driver) {
    if (!Set.of("", "local").contains(driver.getName())) {
      return Optional.empty();
    }
    return driver.getOptionsMap().keySet().stream()
        .filter(option -> !LOCAL_VOLUME_OPTIONS.contains(option))
        .sorted()
        .findFirst()
        .flatMap(
            option ->
                Outcome.invalid(
                    "invalid mount config for type \"volume\": DriverConfig: invalid option: \"%s\""
                        .formatted(option)));
  }

  private static boolean isAbsolute(String path) {
    return path.startsWith("/");
  }

  /** The nodes read the profile; here it is kept from growing, for each task has a copy. */
  private static Optional<Rejection> checkPrivileges(Privileges privileges) {
    return privileges.getSeccomp().getProfile().size() > SECCOMP_PROFILE_BYTES_MAX
        ? Outcome.invalid(
            "ContainerSpec: the seccomp profile has %d bytes, at most %d are allowed"
                .formatted(privileges.getSeccomp().getProfile().size(), SECCOMP_PROFILE_BYTES_MAX))
        : Optional.empty();
  }

  /** What only Windows has, if no node runs it: tasks would be rejected one after the other. */
  static Optional<Rejection> checkPlatform(Snapshot snapshot, ContainerSpec spec) {
    boolean credentials = spec.getPrivileges().hasCredentialSpec();
    boolean isolation = spec.getIsolation() != ContainerSpec.Isolation.ISOLATION_DEFAULT;
    if ((!credentials && !isolation) || hasWindows(snapshot)) {
      return Optional.empty();
    }
    return credentials
        ? Outcome.invalid(
            "ContainerSpec: Privileges.CredentialSpec is supported on Windows only, and no node of"
                + " the swarm runs Windows")
        : Outcome.invalid(
            "ContainerSpec: invalid Isolation: linux only supports 'default', and no node of the"
                + " swarm runs Windows");
  }

  private static boolean hasWindows(Snapshot snapshot) {
    return snapshot.all(Kind.NODE).stream()
        .map(node -> node.getDescription().getPlatform().getOs())
        .anyMatch(system -> system.equalsIgnoreCase("windows"));
  }

  private static Optional<Rejection> checkHealth(HealthConfig health) {
    Map<String, com.google.protobuf.Duration> durations =
        Map.of(
            "Interval", health.getInterval(),
            "Timeout", health.getTimeout(),
            "StartPeriod", health.getStartPeriod(),
            "StartInterval", health.getStartInterval());
    for (String name : List.of("Interval", "Timeout", "StartPeriod", "StartInterval")) {
      Duration duration =
          Times.duration(
              durations.getOrDefault(name, com.google.protobuf.Duration.getDefaultInstance()));
      if (!duration.isZero() && duration.compareTo(HEALTH_DURATION_MIN) < 0) {
        return Outcome.invalid(
            "ContainerSpec: %s in HealthConfig cannot be less than 1ms".formatted(name));
      }
    }
    return health.getRetries() < 0
        ? Outcome.invalid("ContainerSpec: Retries in HealthConfig cannot be negative")
        : Optional.empty();
  }
}
