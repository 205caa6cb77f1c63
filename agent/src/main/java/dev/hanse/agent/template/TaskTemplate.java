package dev.hanse.agent.template;

import dev.hanse.agent.template.TemplateTokens.Token;
import dev.hanse.agent.workload.Placeholders;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.ContainerTexts;
import dev.hanse.model.Mount;
import dev.hanse.model.NodeDescription;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Fills the placeholders of one workload, if it has any: those of a swarm's task. The fields are
 * those of swarmkit's template context: {@code .Service.ID .Service.Name .Service.Labels .Node.ID
 * .Node.Hostname .Node.Platform.Architecture .Node.Platform.OS .Task.ID .Task.Name .Task.Slot};
 * {@code index .Service.Labels "x"} and {@code join} are its functions. Payloads of secrets and
 * configs with the {@code golang} template driver may use {@code env}, {@code secret} and {@code
 * config} too.
 */
public final class TaskTemplate {
  private static final String OPEN = "{{";
  private static final String CLOSE = "}}";

  /** Of a host name, an environment variable or a mount's part: far more than any may have. */
  private static final int CHARACTERS_MAX = 1 << 20;

  /** What the lines of an environment may grow to together. */
  private static final int ENVIRONMENT_CHARACTERS_MAX = 4 << 20;

  private final boolean fills;
  private final Map<String, String> fields = new LinkedHashMap<>();
  private final Map<String, String> serviceLabels;
  private final Functions functions;

  /** What only payloads may ask for. */
  @FunctionalInterface
  public interface Functions {
    /** No functions: for everything but payloads. */
    Functions NONE =
        (function, argument) -> {
          throw new TemplateException(
              "template: expansion: function \"" + function + "\" not defined");
        };

    /** The value of {@code env}, {@code secret} or {@code config} for an argument. */
    String call(String function, String argument) throws TemplateException;
  }

  /**
   * On a node.
   *
   * @param placeholders of the workload; without any a text stays what it is
   */
  public TaskTemplate(
      Optional<Placeholders> placeholders, NodeDescription node, Functions functions) {
    this.fills = placeholders.isPresent();
    this.functions = functions;
    this.serviceLabels = placeholders.map(Placeholders::serviceLabels).orElse(Map.of());
    placeholders.ifPresent(given -> fields.putAll(given.values()));
    fields.put("Node.Hostname", node.getHostname());
    fields.put("Node.Platform.Architecture", node.getPlatform().getArchitecture());
    fields.put("Node.Platform.OS", node.getPlatform().getOs());
  }

  /** A container's specification with host name, environment and mounts filled in. */
  public ContainerSpec fill(ContainerSpec container) throws TemplateException {
    ContainerSpec.Builder filled = container.toBuilder();
    filled.setHostname(fill(container.getHostname()));
    int left = ENVIRONMENT_CHARACTERS_MAX;
    for (int index = 0; index < container.getEnvCount(); index++) {
      String line = container.getEnv(index);
      int equals = line.indexOf('=');
      if (equals >= 0) {
        String value = fill(line.substring(equals + 1), Math.min(left, CHARACTERS_MAX));
        left -= value.length();
        filled.setEnv(index, line.substring(0, equals + 1) + value);
      }
    }
    for (Mount.Builder mount : filled.getMountsBuilderList()) {
      fill(mount);
    }
    ContainerSpec complete = filled.build();
    Optional<String> fault = ContainerTexts.fault(complete);
    if (fault.isPresent()) {
      throw new TemplateException("template: expansion: " + fault.get());
    }
    return complete;
  }

  private void fill(Mount.Builder mount) throws TemplateException {
    mount.setSource(fill(mount.getSource()));
    mount.setTarget(fill(mount.getTarget()));
    if (mount.hasVolumeOptions()) {
      Map<String, String> labels = mount.getVolumeOptions().getLabelsMap();
      for (Map.Entry<String, String> label : labels.entrySet()) {
        mount.getVolumeOptionsBuilder().putLabels(label.getKey(), fill(label.getValue()));
      }
    }
  }

  /** A text with its placeholders filled in. */
  public String fill(String text) throws TemplateException {
    return fill(text, CHARACTERS_MAX);
  }

  /**
   * A text with its placeholders filled in.
   *
   * @throws TemplateException also when that has more characters than the limit: a short text can
   *     name a long value many times
   */
  public String fill(String text, int charactersMax) throws TemplateException {
    int open = fills ? text.indexOf(OPEN) : -1;
    if (open < 0) {
      return text;
    }
    StringBuilder result = new StringBuilder();
    int position = 0;
    while (open >= 0) {
      int close = text.indexOf(CLOSE, open);
      if (close < 0) {
        throw new TemplateException("template: expansion: unclosed action");
      }
      result.append(text, position, open);
      result.append(value(text.substring(open + OPEN.length(), close)));
      requireShort(result, charactersMax);
      position = close + CLOSE.length();
      open = text.indexOf(OPEN, position);
    }
    return result.append(text, position, text.length()).toString();
  }

  private static void requireShort(StringBuilder text, int charactersMax) throws TemplateException {
    if (text.length() > charactersMax) {
      throw new TemplateException(
          "template: expansion: more than " + charactersMax + " characters");
    }
  }

  private String value(String expression) throws TemplateException {
    List<Token> tokens = TemplateTokens.of(expression);
    if (tokens.isEmpty()) {
      throw new TemplateException("template: expansion: missing value for command");
    }
    return switch (tokens.getFirst()) {
      case Token.Text text when tokens.size() == 1 -> text.value();
      case Token.Field field when tokens.size() == 1 -> field(field.names());
      case Token.Word word -> call(word.value(), tokens.subList(1, tokens.size()));
      case Token.Text _, Token.Field _ ->
          throw new TemplateException("template: expansion: can't give argument to non-function");
    };
  }

  private String call(String function, List<Token> arguments) throws TemplateException {
    return switch (function) {
      case "index" -> index(arguments);
      case "join" -> join(arguments);
      default -> {
        if (arguments.size() != 1) {
          throw new TemplateException(
              "template: expansion: wrong number of args for " + function + ": want 1");
        }
        yield functions.call(function, argument(arguments.getFirst()));
      }
    };
  }

  private String index(List<Token> arguments) throws TemplateException {
    if (arguments.size() != 2
        || !(arguments.getFirst() instanceof Token.Field field)
        || !field.names().equals(List.of("Service", "Labels"))) {
      throw new TemplateException("template: expansion: index wants .Service.Labels and a name");
    }
    return serviceLabels.getOrDefault(argument(arguments.get(1)), "");
  }

  private String join(List<Token> arguments) throws TemplateException {
    if (arguments.isEmpty()) {
      throw new TemplateException(
          "template: expansion: wrong number of args for join: want at least 1");
    }
    StringBuilder result = new StringBuilder();
    for (int index = 1; index < arguments.size(); index++) {
      result.append(index == 1 ? "" : argument(arguments.getFirst()));
      result.append(argument(arguments.get(index)));
      requireShort(result, CHARACTERS_MAX);
    }
    return result.toString();
  }

  private String argument(Token token) throws TemplateException {
    return switch (token) {
      case Token.Text text -> text.value();
      case Token.Field field -> field(field.names());
      case Token.Word word ->
          throw new TemplateException(
              "template: expansion: function \"" + word.value() + "\" not defined");
    };
  }

  private String field(List<String> names) throws TemplateException {
    String path = String.join(".", names);
    String value = fields.get(path);
    if (value == null && path.startsWith("Service.Labels.")) {
      value = serviceLabels.get(path.substring("Service.Labels.".length()));
    }
    if (value == null) {
      throw new TemplateException("template: expansion: can't evaluate field ." + path);
    }
    return value;
  }
}
