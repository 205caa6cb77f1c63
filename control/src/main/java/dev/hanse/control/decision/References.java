package dev.hanse.control.decision;

import dev.hanse.control.Rejection;
import dev.hanse.model.ConfigReference;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.SecretReference;
import dev.hanse.model.TaskSpec;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The rules for references of a task to secrets and configs. */
final class References {
  private References() {}

  static Optional<Rejection> check(ContainerSpec spec) {
    return checkSecretForm(spec).or(() -> checkConfigForm(spec));
  }

  static Optional<Rejection> checkSecrets(Snapshot snapshot, TaskSpec spec) {
    List<String> missing = new ArrayList<>();
    for (SecretReference reference : spec.getContainer().getSecretsList()) {
      boolean present =
          snapshot
              .find(Kind.SECRET, reference.getSecretId())
              .filter(found -> Kind.SECRET.nameOf(found).equals(reference.getSecretName()))
              .isPresent();
      if (!present) {
        missing.add(reference.getSecretName());
      }
    }
    return notFound("secret", missing);
  }

  static Optional<Rejection> checkConfigs(Snapshot snapshot, TaskSpec spec) {
    List<String> missing = new ArrayList<>();
    for (ConfigReference reference : spec.getContainer().getConfigsList()) {
      boolean present =
          snapshot
              .find(Kind.CONFIG, reference.getConfigId())
              .filter(found -> Kind.CONFIG.nameOf(found).equals(reference.getConfigName()))
              .isPresent();
      if (!present) {
        missing.add(reference.getConfigName());
      }
    }
    return notFound("config", missing);
  }

  private static Optional<Rejection> notFound(String word, List<String> missing) {
    return missing.isEmpty()
        ? Optional.empty()
        : Outcome.invalid(
            "%s not found: %s"
                .formatted(missing.size() == 1 ? word : word + "s", String.join(", ", missing)));
  }

  private static Optional<Rejection> checkSecretForm(ContainerSpec spec) {
    Map<String, String> targets = new HashMap<>();
    for (SecretReference reference : spec.getSecretsList()) {
      if (reference.getSecretId().isEmpty() || reference.getSecretName().isEmpty()) {
        return Outcome.invalid("malformed secret reference");
      }
      if (!reference.hasFile()) {
        return Outcome.invalid("malformed secret reference, no target provided");
      }
      Optional<Rejection> rejection =
          checkFile("secret", reference.getSecretName(), reference.getFile().getName(), targets);
      if (rejection.isPresent()) {
        return rejection;
      }
    }
    return Optional.empty();
  }

  private static Optional<Rejection> checkConfigForm(ContainerSpec spec) {
    Map<String, String> targets = new HashMap<>();
    for (ConfigReference reference : spec.getConfigsList()) {
      if (reference.getConfigId().isEmpty() || reference.getConfigName().isEmpty()) {
        return Outcome.invalid("malformed config reference");
      }
      Optional<Rejection> rejection =
          switch (reference.getTargetCase()) {
            case TARGET_NOT_SET ->
                Outcome.invalid("malformed config reference, no target provided");
            case RUNTIME -> Optional.empty();
            case FILE ->
                checkFile(
                    "config", reference.getConfigName(), reference.getFile().getName(), targets);
          };
      if (rejection.isPresent()) {
        return rejection;
      }
    }
    return Optional.empty();
  }

  private static Optional<Rejection> checkFile(
      String word, String name, String file, Map<String, String> targets) {
    if (file.isEmpty()) {
      return Outcome.invalid(
          "malformed file %s reference, invalid target file name provided".formatted(word));
    }
    Optional<String> other = Optional.ofNullable(targets.put(file, name));
    return other.flatMap(
        first ->
            Outcome.invalid(
                "%s references '%s' and '%s' have a conflicting target: '%s'"
                    .formatted(word, first, name, file)));
  }
}
