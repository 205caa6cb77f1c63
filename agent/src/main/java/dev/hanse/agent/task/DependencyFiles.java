package dev.hanse.agent.task;

import com.google.protobuf.ByteString;
import dev.hanse.agent.mount.TaskFiles;
import dev.hanse.agent.template.TaskTemplate;
import dev.hanse.agent.template.TemplateException;
import dev.hanse.model.Config;
import dev.hanse.model.ConfigReference;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Driver;
import dev.hanse.model.FileTarget;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.Secret;
import dev.hanse.model.SecretReference;
import dev.hanse.model.Task;
import dev.hanse.runtime.spec.ContainerMount;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The secrets and configs of one task as read-only files in its container. */
final class DependencyFiles {
  private static final String TEMPLATE_DRIVER = "golang";

  private final Task task;
  private final ContainerSpec spec;
  private final Dependencies dependencies;
  private final TaskTemplate template;

  DependencyFiles(Task task, ContainerSpec spec, NodeDescription node, Dependencies dependencies) {
    this.task = task;
    this.spec = spec;
    this.dependencies = dependencies;
    this.template = new TaskTemplate(task, node, this::call);
  }

  /** Writes all of them and says where they are to be mounted. */
  List<ContainerMount> write(TaskFiles files) throws StepException, IOException {
    List<ContainerMount> mounts = new ArrayList<>();
    for (SecretReference reference : spec.getSecretsList()) {
      if (reference.hasFile()) {
        Secret secret = secret(reference);
        ByteString content =
            content(secret.getSpec().getData(), secret.getSpec().getTemplating(), "secret");
        mounts.add(
            write(
                files,
                "secret-" + reference.getSecretId(),
                content,
                reference.getFile(),
                "/run/secrets/"));
      }
    }
    for (ConfigReference reference : spec.getConfigsList()) {
      if (reference.hasFile()) {
        Config config = config(reference);
        ByteString content =
            content(config.getSpec().getData(), config.getSpec().getTemplating(), "config");
        mounts.add(
            write(files, "config-" + reference.getConfigId(), content, reference.getFile(), "/"));
      }
    }
    return mounts;
  }

  private Secret secret(SecretReference reference) throws StepException {
    return dependencies
        .secret(reference.getSecretId())
        .orElseThrow(() -> new StepException("secret not found: " + reference.getSecretName()));
  }

  private Config config(ConfigReference reference) throws StepException {
    return dependencies
        .config(reference.getConfigId())
        .orElseThrow(() -> new StepException("config not found: " + reference.getConfigName()));
  }

  private ContainerMount write(
      TaskFiles files, String kind, ByteString content, FileTarget target, String base)
      throws StepException, IOException {
    String path = target.getName().startsWith("/") ? target.getName() : base + target.getName();
    String fileName = kind + "-" + Integer.toHexString(path.hashCode());
    return ContainerMount.Bind.of(
        files.write(
            task.getId(),
            fileName,
            content,
            new TaskFiles.Owner(number(target.getUid()), number(target.getGid())),
            target.getMode()),
        path,
        true);
  }

  private static int number(String owner) throws StepException {
    try {
      return owner.isEmpty() ? 0 : Integer.parseUnsignedInt(owner);
    } catch (NumberFormatException notOne) {
      throw new StepException("owner of a secret or config must be a number: " + owner);
    }
  }

  private ByteString content(ByteString data, Driver templating, String what) throws StepException {
    if (templating.getName().isEmpty()) {
      return data;
    }
    if (!templating.getName().equals(TEMPLATE_DRIVER)) {
      throw new StepException("unrecognized template type");
    }
    try {
      return ByteString.copyFromUtf8(template.fill(data.toStringUtf8()));
    } catch (TemplateException refused) {
      throw new StepException("failed to expand templated " + what + ": " + refused.getMessage());
    }
  }

  private String call(String function, String argument) throws TemplateException {
    return switch (function) {
      case "env" -> environment(argument);
      case "secret" -> secretByTarget(argument);
      case "config" -> configByTarget(argument);
      default ->
          throw new TemplateException(
              "template: expansion: function \"" + function + "\" not defined");
    };
  }

  private String environment(String name) {
    return spec.getEnvList().stream()
        .filter(line -> line.startsWith(name + "="))
        .map(line -> line.substring(name.length() + 1))
        .findFirst()
        .orElse("");
  }

  private String secretByTarget(String target) throws TemplateException {
    Optional<Secret> found =
        spec.getSecretsList().stream()
            .filter(reference -> reference.getFile().getName().equals(target))
            .findFirst()
            .flatMap(reference -> dependencies.secret(reference.getSecretId()));
    return found
        .map(secret -> secret.getSpec().getData().toStringUtf8())
        .orElseThrow(() -> new TemplateException("secret target " + target + " not found"));
  }

  private String configByTarget(String target) throws TemplateException {
    Optional<Config> found =
        spec.getConfigsList().stream()
            .filter(reference -> reference.getFile().getName().equals(target))
            .findFirst()
            .flatMap(reference -> dependencies.config(reference.getConfigId()));
    return found
        .map(config -> config.getSpec().getData().toStringUtf8())
        .orElseThrow(() -> new TemplateException("config target " + target + " not found"));
  }
}
