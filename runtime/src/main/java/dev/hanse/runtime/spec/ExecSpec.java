package dev.hanse.runtime.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The {@code process} document of an exec: its container's with some changes, so that it is kept in
 * by the same AppArmor profile and gains no privileges where the container does not. A privileged
 * one has all capabilities and nothing else: Docker leaves it under the container's profile and
 * filter too.
 */
public final class ExecSpec {
  private ExecSpec() {}

  /**
   * What differs from the container's own process.
   *
   * @param environment {@code NAME=value} lines over the container's
   */
  public record Changes(
      List<String> arguments,
      List<String> environment,
      Optional<ResolvedUser> user,
      Optional<String> workingDirectory,
      boolean terminal,
      boolean privileged,
      Optional<ConsoleSize> consoleSize) {}

  /** A process document for an exec in the container that has this one. */
  public static ObjectNode of(ObjectNode container, Changes changes, HostFacts facts) {
    ObjectNode process = container.deepCopy();
    process.put("terminal", changes.terminal());
    process.remove("consoleSize");
    changes
        .consoleSize()
        .filter(size -> changes.terminal())
        .ifPresent(
            size ->
                process
                    .putObject("consoleSize")
                    .put("height", size.height())
                    .put("width", size.width()));
    ArrayNode args = process.putArray("args");
    changes.arguments().forEach(args::add);
    Map<String, String> lines = new LinkedHashMap<>();
    for (JsonNode line : container.path("env")) {
      ProcessSpec.put(lines, line.asText());
    }
    if (changes.terminal()) {
      lines.putIfAbsent("TERM", "TERM=xterm");
    }
    changes.environment().forEach(line -> ProcessSpec.put(lines, line));
    ArrayNode environment = process.putArray("env");
    lines.values().forEach(environment::add);
    changes.workingDirectory().ifPresent(directory -> process.put("cwd", directory));
    changes.user().ifPresent(user -> ProcessSpec.user(process, user));
    if (changes.privileged()) {
      ProcessSpec.capabilities(process, Capabilities.all(facts.capabilities()));
    }
    return process;
  }
}
