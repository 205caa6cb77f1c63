package dev.hanse.control.command;

import dev.hanse.model.SecretSpec;

/** Writes on secrets. */
public sealed interface SecretCommand extends Command {
  /** Makes a secret; the result is the {@code Secret}. */
  record CreateSecret(SecretSpec spec) implements SecretCommand {}

  /** Changes the labels, nothing else, if {@code version} is the present one. */
  record UpdateSecret(String id, long version, SecretSpec spec) implements SecretCommand {}

  /** Removes a secret that no service uses. */
  record RemoveSecret(String id) implements SecretCommand {}
}
