package dev.hanse.control.command;

import dev.hanse.model.ConfigSpec;

/** Writes on configs. */
public sealed interface ConfigCommand extends Command {
  /** Makes a config; the result is the {@code Config}. */
  record CreateConfig(ConfigSpec spec) implements ConfigCommand {}

  /** Changes the labels, nothing else, if {@code version} is the present one. */
  record UpdateConfig(String id, long version, ConfigSpec spec) implements ConfigCommand {}

  /** Removes a config that no service uses. */
  record RemoveConfig(String id) implements ConfigCommand {}
}
