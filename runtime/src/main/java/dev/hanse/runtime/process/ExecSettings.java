package dev.hanse.runtime.process;

import dev.hanse.runtime.spec.ConsoleSize;
import java.util.List;
import java.util.Optional;

/**
 * One more process in a running container.
 *
 * @param environment {@code NAME=value} lines over the container's
 * @param user else the container's
 * @param workingDirectory else the container's
 * @param consoleSize of its terminal from the start; without it 0 times 0 until it is resized
 */
public record ExecSettings(
    List<String> arguments,
    List<String> environment,
    Optional<String> user,
    Optional<String> workingDirectory,
    boolean terminal,
    boolean stdinOpen,
    boolean privileged,
    Optional<ConsoleSize> consoleSize) {

  public ExecSettings {
    arguments = List.copyOf(arguments);
    environment = List.copyOf(environment);
  }

  /** The same without a size. */
  public ExecSettings(
      List<String> arguments,
      List<String> environment,
      Optional<String> user,
      Optional<String> workingDirectory,
      boolean terminal,
      boolean stdinOpen,
      boolean privileged) {
    this(
        arguments,
        environment,
        user,
        workingDirectory,
        terminal,
        stdinOpen,
        privileged,
        Optional.empty());
  }

  /** The same with a size of its terminal. */
  public ExecSettings withConsoleSize(ConsoleSize size) {
    return new ExecSettings(
        arguments,
        environment,
        user,
        workingDirectory,
        terminal,
        stdinOpen,
        privileged,
        Optional.of(size));
  }

  /** A command with the container's own environment, user and directory. */
  public static ExecSettings of(List<String> arguments) {
    return new ExecSettings(
        arguments, List.of(), Optional.empty(), Optional.empty(), false, false, false);
  }
}
