package dev.hanse.manager.leader;

import dev.hanse.manager.authority.RootRotations;

/** Replaces the cluster's root when that is wanted. */
final class RootReplacement implements LeaderPart {
  private final RootRotations rotations;

  RootReplacement(LeaderScope scope) {
    this.rotations =
        new RootRotations(
            scope.health(), scope.store(), scope.submit(), scope.clock(), scope.random());
  }

  @Override
  public void close() {
    rotations.close();
  }
}
