package dev.hanse.docker.container;

import dev.hanse.agent.task.ContainerPlace;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Task;
import dev.hanse.model.TaskSpec;
import dev.hanse.runtime.content.ImageConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A container with all that its inspect is made of.
 *
 * @param image what its image says; empty when the image was removed
 * @param place where it lives; empty where nobody asks, and for a container that belongs to nothing
 */
public record Inspected(
    NodeContainer container, Optional<ImageConfig> image, Optional<ContainerPlace> place) {
  TaskSpec task() {
    return container.task().map(Task::getSpec).orElse(TaskSpec.getDefaultInstance());
  }

  ContainerSpec spec() {
    return container.spec().orElse(ContainerSpec.getDefaultInstance());
  }

  private ImageConfig defaults() {
    return image.orElse(ImageConfig.EMPTY);
  }

  String hostname() {
    return spec().getHostname().isEmpty()
        ? place.map(ContainerPlace::hostname).orElseGet(container::shortId)
        : spec().getHostname();
  }

  String user() {
    return spec().getUser().isEmpty() ? defaults().user() : spec().getUser();
  }

  String directory() {
    return spec().getDir().isEmpty() ? defaults().workingDirectory() : spec().getDir();
  }

  String stopSignal() {
    return spec().getStopSignal().isEmpty()
        ? defaults().stopSignal().orElse("")
        : spec().getStopSignal();
  }

  /** The image's labels, over which stand the container's own. */
  Map<String, String> labels() {
    Map<String, String> labels = new TreeMap<>(defaults().labels());
    labels.putAll(container.state().labels());
    return labels;
  }

  List<String> exposedPorts() {
    return defaults().exposedPorts();
  }

  List<String> volumes() {
    return defaults().volumes();
  }

  /** The specification's variables, behind them the image's that it does not name. */
  List<String> environment() {
    List<String> environment = new ArrayList<>(spec().getEnvList());
    Set<String> named = environment.stream().map(Inspected::variable).collect(Collectors.toSet());
    defaults().environment().stream()
        .filter(line -> !named.contains(variable(line)))
        .forEach(environment::add);
    return environment;
  }

  private static String variable(String line) {
    int equals = line.indexOf('=');
    return equals < 0 ? line : line.substring(0, equals);
  }

  List<String> entrypoint() {
    List<String> own = spec().getCommandList();
    return own.isEmpty() ? defaults().entrypoint() : own;
  }

  List<String> arguments() {
    return spec().getArgsCount() > 0 || spec().getCommandCount() > 0
        ? spec().getArgsList()
        : defaults().command();
  }

  /** What runs: the program and its arguments, as the spec and the image say it together. */
  List<String> command() {
    // One empty string is how the CLI says "no entrypoint".
    List<String> command =
        entrypoint().equals(List.of("")) ? new ArrayList<>() : new ArrayList<>(entrypoint());
    command.addAll(arguments());
    return command;
  }
}
