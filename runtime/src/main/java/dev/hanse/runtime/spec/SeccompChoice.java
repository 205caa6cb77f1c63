package dev.hanse.runtime.spec;

/** Which system calls are let through. */
public sealed interface SeccompChoice {
  /** Docker's default list. */
  SeccompChoice DEFAULT = new Default();

  /** All. */
  SeccompChoice UNCONFINED = new Unconfined();

  /** Docker's default list. */
  record Default() implements SeccompChoice {}

  /** All. */
  record Unconfined() implements SeccompChoice {}

  /** What the user's own profile says. */
  record Custom(SeccompDocument profile) implements SeccompChoice {}
}
