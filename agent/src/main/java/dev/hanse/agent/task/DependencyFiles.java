package dev.hanse.agent.task;

import com.google.protobuf.ByteString;
import dev.hanse.agent.mount.TaskFile;
import dev.hanse.agent.mount.TaskFiles;
import dev.hanse.agent.workload.Workload;
import dev.hanse.model.Config;
import dev.hanse.model.ConfigReference;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.ContainerTemplate;
import dev.hanse.model.Driver;
import dev.hanse.model.FileTarget;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.Secret;
import dev.hanse.model.SecretReference;
import dev.hanse.runtime.spec.ContainerMount;
import dev.hanse.text.template.Functions;
import dev.hanse.text.template.TemplateFault;
import dev.hanse.text.template.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The secrets and configs of one workload as read-only files in its container. */
final class DependencyFiles {
  private static final String TEMPLATE_DRIVER = "golang";
  private static final int SECRET_BYTES_MAX = 500 * 1024;
  private static final int CONFIG_BYTES_MAX = 1000 * 1024;

  private final Workload workload;
  private final ContainerSpec spec;
  private final Dependencies dependencies;
  private final Optional<ContainerTemplate> template;
  private final List<TaskFile> files = new ArrayList<>();
  private final List<String> targets = new ArrayList<>();

  DependencyFiles(
      Workload workload, ContainerSpec spec, NodeDescription node, Dependencies dependencies) {
    this.workload = workload;
    this.spec = spec;
    this.dependencies = dependencies;
    this.template = workload.placeholders().map(given -> TaskTemplates.of(given, node));
  }

  /** All of them, with their content; {@link #mounts} says where they go. */
  List<TaskFile> files() throws StepException {
    for (SecretReference reference : spec.getSecretsList()) {
      if (reference.hasFile()) {
        Secret secret = secret(reference);
        ByteString content =
            content(
                secret.getSpec().getData(),
                secret.getSpec().getTemplating(),
                "secret",
                SECRET_BYTES_MAX);
        add(content, reference.getFile(), "/run/secrets/");
      }
    }
    for (ConfigReference reference : spec.getConfigsList()) {
      if (reference.hasFile()) {
        Config config = config(reference);
        ByteString content =
            content(
                config.getSpec().getData(),
                config.getSpec().getTemplating(),
                "config",
                CONFIG_BYTES_MAX);
        add(content, reference.getFile(), "/");
      }
    }
    return List.copyOf(files);
  }

  /** Where the files are mounted, once they are written. */
  List<ContainerMount> mounts(TaskFiles written) throws IOException {
    List<ContainerMount> mounts = new ArrayList<>();
    for (int index = 0; index < files.size(); index++) {
      mounts.add(
          ContainerMount.Bind.of(
              written.path(workload.id(), files.get(index).name()), targets.get(index), true));
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

  private void add(ByteString content, FileTarget target, String base) throws StepException {
    String path = target.getName().startsWith("/") ? target.getName() : base + target.getName();
    targets.add(path);
    files.add(
        new TaskFile(
            "dependency-" + files.size(),
            content,
            new TaskFile.Owner(number(target.getUid()), number(target.getGid())),
            target.getMode()));
  }

  private static int number(String owner) throws StepException {
    try {
      return owner.isEmpty() ? 0 : Integer.parseUnsignedInt(owner);
    } catch (NumberFormatException notOne) {
      throw new StepException("owner of a secret or config must be a number: " + owner);
    }
  }

  private ByteString content(ByteString data, Driver templating, String what, int bytesMax)
      throws StepException {
    if (templating.getName().isEmpty()) {
      return checked(data, what, bytesMax);
    }
    if (!templating.getName().equals(TEMPLATE_DRIVER)) {
      throw new StepException("unrecognized template type");
    }
    try {
      return checked(
          ByteString.copyFromUtf8(filled(data.toStringUtf8(), bytesMax)), what, bytesMax);
    } catch (TemplateFault refused) {
      throw new StepException("failed to expand templated " + what + ": " + refused.getMessage());
    }
  }

  /** The managers' limits: here again for what a template grows to. */
  private static ByteString checked(ByteString content, String what, int bytesMax)
      throws StepException {
    if (content.size() >= bytesMax) {
      throw new StepException(
          what + " data must be larger than 0 and less than " + bytesMax + " bytes");
    }
    return content;
  }

  private String filled(String text, int charactersMax) throws TemplateFault {
    return template.isPresent()
        ? template.get().fillPayload(text, new Lookups(), charactersMax)
        : text;
  }

  /** What only payloads may ask for. */
  private final class Lookups implements Functions {
    @Override
    public Set<String> names() {
      return Set.of("env", "secret", "config");
    }

    @Override
    public Value call(String name, List<Value> arguments) throws TemplateFault {
      if (arguments.size() != 1) {
        throw new TemplateFault("want 1 argument got " + arguments.size());
      }
      String argument = Functions.text(arguments.getFirst());
      return new Value.Text(
          switch (name) {
            case "env" -> environment(argument);
            case "secret" -> secretByTarget(argument);
            default -> configByTarget(argument);
          });
    }
  }

  private String environment(String name) {
    return spec.getEnvList().stream()
        .filter(line -> line.startsWith(name + "="))
        .map(line -> line.substring(name.length() + 1))
        .findFirst()
        .orElse("");
  }

  private String secretByTarget(String target) throws TemplateFault {
    Optional<Secret> found =
        spec.getSecretsList().stream()
            .filter(reference -> reference.getFile().getName().equals(target))
            .findFirst()
            .flatMap(reference -> dependencies.secret(reference.getSecretId()));
    return found
        .map(secret -> secret.getSpec().getData().toStringUtf8())
        .orElseThrow(() -> new TemplateFault("secret target " + target + " not found"));
  }

  private String configByTarget(String target) throws TemplateFault {
    Optional<Config> found =
        spec.getConfigsList().stream()
            .filter(reference -> reference.getFile().getName().equals(target))
            .findFirst()
            .flatMap(reference -> dependencies.config(reference.getConfigId()));
    return found
        .map(config -> config.getSpec().getData().toStringUtf8())
        .orElseThrow(() -> new TemplateFault("config target " + target + " not found"));
  }
}
