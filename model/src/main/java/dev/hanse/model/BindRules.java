package dev.hanse.model;

import java.util.Optional;

/**
 * Which options of a bind mount exclude each other: asked by the managers for a service, and by the
 * node once more for what a manager of another kind sends. Pure.
 */
public final class BindRules {
  private BindRules() {}

  /** Why the options of a mount cannot be together, in Docker's words; empty if they can. */
  public static Optional<String> conflict(Mount mount) {
    Mount.BindOptions options = mount.getBindOptions();
    if (!options.getReadonlyforcerecursive()) {
      return Optional.empty();
    }
    if (options.getReadonlynonrecursive()) {
      return Optional.of("mount options conflict: ReadOnlyNonRecursive && ReadOnlyForceRecursive");
    }
    if (!mount.getReadonly()) {
      return Optional.of(
          "option 'bind-recursive=readonly' requires 'readonly' to be specified in conjunction");
    }
    // What is mounted later would come in by any other propagation, writable.
    return options.getPropagation() == Mount.BindOptions.Propagation.RPRIVATE
        ? Optional.empty()
        : Optional.of(
            "option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be"
                + " specified in conjunction");
  }
}
