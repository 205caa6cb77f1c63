package dev.hanse.model;

import dev.hanse.text.template.Functions;
import dev.hanse.text.template.Template;
import dev.hanse.text.template.TemplateFault;
import dev.hanse.text.template.Value;
import dev.hanse.text.template.Value.Struct;
import dev.hanse.text.template.Value.Struct.Field;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The templates in a container's specification: its host name, environment and mounts. What they
 * may name are the fields of swarmkit's template context: {@code .Service.ID .Service.Name
 * .Service.Labels .Node.ID .Node.Hostname .Node.Platform.Architecture .Node.Platform.OS .Task.ID
 * .Task.Name .Task.Slot}; its function is {@code join}. Asked by the managers, who try it with
 * values of their own before they take a service, and by the node. Pure.
 */
public final class ContainerTemplate {
  /** Of a host name, an environment variable or a mount's part: far more than any may have. */
  private static final int CHARACTERS_MAX = 1 << 20;

  /** What the lines of an environment may grow to together. */
  private static final int ENVIRONMENT_CHARACTERS_MAX = 4 << 20;

  private static final Functions JOIN = new WithJoin(Functions.NONE);

  private final Value dot;

  /**
   * With these values.
   *
   * @param values by their path, as {@code Task.Slot}; empty where there is none
   */
  public ContainerTemplate(Map<String, String> values, Map<String, String> serviceLabels) {
    this.dot =
        new Struct(
            "template.Context",
            List.of(
                new Field(
                    "Service",
                    new Struct(
                        "struct { ID string; Name string; Labels map[string]string }",
                        List.of(
                            text(values, "Service.", "ID"),
                            text(values, "Service.", "Name"),
                            new Field("Labels", new Value.Table(serviceLabels))))),
                new Field(
                    "Node",
                    new Struct(
                        "struct { ID string; Hostname string; Platform template.Platform }",
                        List.of(
                            text(values, "Node.", "ID"),
                            text(values, "Node.", "Hostname"),
                            new Field(
                                "Platform",
                                new Struct(
                                    "template.Platform",
                                    List.of(
                                        text(values, "Node.Platform.", "Architecture"),
                                        text(values, "Node.Platform.", "OS"))))))),
                new Field(
                    "Task",
                    new Struct(
                        "struct { ID string; Name string; Slot string }",
                        List.of(
                            text(values, "Task.", "ID"),
                            text(values, "Task.", "Name"),
                            text(values, "Task.", "Slot"))))));
  }

  private static Field text(Map<String, String> values, String path, String name) {
    return new Field(name, new Value.Text(values.getOrDefault(path + name, "")));
  }

  /**
   * As on a node, with a service's own labels and swarmkit's words for what is known there only.
   */
  public static ContainerTemplate sample(Map<String, String> serviceLabels) {
    return new ContainerTemplate(
        Map.of(
            "Service.ID", "serviceid",
            "Service.Name", "servicename",
            "Node.ID", "nodeid",
            "Node.Hostname", "nodeHostname",
            "Node.Platform.Architecture", "architecture",
            "Node.Platform.OS", "os",
            "Task.Name", "taskname",
            "Task.Slot", "1"),
        serviceLabels);
  }

  /**
   * A container's specification with all of them filled in.
   *
   * @throws TemplateFault in swarmkit's words if one cannot be, or what comes of it cannot stand
   *     where it is to stand
   */
  public ContainerSpec fill(ContainerSpec container) throws TemplateFault {
    ContainerSpec.Builder filled = container.toBuilder();
    fillEnvironment(container, filled);
    try {
      for (Mount.Builder mount : filled.getMountsBuilderList()) {
        fill(mount);
      }
    } catch (TemplateFault fault) {
      throw new TemplateFault("expanding mounts failed: " + fault.getMessage());
    }
    try {
      filled.setHostname(fill(container.getHostname(), CHARACTERS_MAX));
    } catch (TemplateFault fault) {
      throw new TemplateFault("expanding hostname failed: " + fault.getMessage());
    }
    ContainerSpec complete = filled.build();
    Optional<String> fault = ContainerTexts.fault(complete);
    if (fault.isPresent()) {
      throw new TemplateFault("template: expansion: " + fault.get());
    }
    return complete;
  }

  private void fillEnvironment(ContainerSpec container, ContainerSpec.Builder filled)
      throws TemplateFault {
    int left = ENVIRONMENT_CHARACTERS_MAX;
    for (int index = 0; index < container.getEnvCount(); index++) {
      String line = container.getEnv(index);
      int equals = line.indexOf('=');
      if (equals >= 0) {
        try {
          String value = fill(line.substring(equals + 1), Math.min(left, CHARACTERS_MAX));
          left -= value.length();
          filled.setEnv(index, line.substring(0, equals + 1) + value);
        } catch (TemplateFault fault) {
          throw new TemplateFault("expanding env failed: " + fault.getMessage());
        }
      }
    }
  }

  private void fill(Mount.Builder mount) throws TemplateFault {
    mount.setSource(fill(mount.getSource(), CHARACTERS_MAX));
    mount.setTarget(fill(mount.getTarget(), CHARACTERS_MAX));
    if (mount.hasVolumeOptions()) {
      Mount.VolumeOptions.Builder options = mount.getVolumeOptionsBuilder();
      options.putAllLabels(filled(options.getLabelsMap()));
      if (options.hasDriverConfig()) {
        Driver.Builder driver = options.getDriverConfigBuilder();
        driver.putAllOptions(filled(driver.getOptionsMap()));
      }
    }
  }

  private Map<String, String> filled(Map<String, String> map) throws TemplateFault {
    Map<String, String> filled = new HashMap<>();
    for (Map.Entry<String, String> entry : map.entrySet()) {
      filled.put(entry.getKey(), fill(entry.getValue(), CHARACTERS_MAX));
    }
    return filled;
  }

  private String fill(String text, int charactersMax) throws TemplateFault {
    return fill(text, JOIN, charactersMax);
  }

  /**
   * The payload of a secret or config.
   *
   * @param functions {@code env}, {@code secret} and {@code config}
   * @throws TemplateFault also when the result has more characters than the limit: a short text can
   *     name a long value many times
   */
  public String fillPayload(String text, Functions functions, int charactersMax)
      throws TemplateFault {
    return fill(text, new WithJoin(functions), charactersMax);
  }

  private String fill(String text, Functions functions, int charactersMax) throws TemplateFault {
    return Template.isTemplate(text)
        ? Template.parse(text, functions.names()).fill(dot, functions, charactersMax)
        : text;
  }

  /** swarmkit's own function, and others. */
  private record WithJoin(Functions others) implements Functions {
    private static final String NAME = "join";

    @Override
    public Set<String> names() {
      Set<String> names = new HashSet<>(others.names());
      names.add(NAME);
      return names;
    }

    @Override
    public Value call(String name, List<Value> arguments) throws TemplateFault {
      if (!name.equals(NAME)) {
        return others.call(name, arguments);
      }
      if (arguments.isEmpty()) {
        throw new TemplateFault("want at least 1 argument got 0");
      }
      String separator = Functions.text(arguments.getFirst());
      StringBuilder joined = new StringBuilder();
      for (int i = 1; i < arguments.size(); i++) {
        joined.append(i == 1 ? "" : separator).append(Functions.text(arguments.get(i)));
        if (joined.length() > CHARACTERS_MAX) {
          throw new TemplateFault("more than " + CHARACTERS_MAX + " characters");
        }
      }
      return new Value.Text(joined.toString());
    }
  }
}
