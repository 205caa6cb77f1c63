package dev.hanse.runtime.containers;

import java.util.List;
import java.util.Optional;

/**
 * One more process in a running container.
 *
 * @param environment {@code NAME=value} lines over the container's
 * @param user else the container's
 * @param workingDirectory else the container's
 */
public record ExecSettings(
    List<String> arguments,
    List<String> environment,
    Optional<String> user,
    Optional<String> workingDirectory,
    boolean terminal,
    boolean stdinOpen,
    boolean privileged) {

  public ExecSettings {
    arguments = List.copyOf(arguments);
    environment = List.copyOf(environment);
  }

  /** A command with the container's own environment, user and directory. */
  public static ExecSettings of(List<String> arguments) {
    return new ExecSettings(
        arguments, List.of(), Optional.empty(), Optional.empty(), false, false, false);
  }
}
