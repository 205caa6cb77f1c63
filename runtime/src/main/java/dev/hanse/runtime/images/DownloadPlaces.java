package dev.hanse.runtime.images;

import dev.hanse.bounds.KeyedTurns;
import dev.hanse.runtime.content.Reference;

/**
 * How many blobs are downloaded at a time: of each repository as many as Docker's
 * max-concurrent-downloads, so that one that is slow holds up no other, and of each registry so
 * many that a hundred images that are wanted at once do not flood it.
 */
final class DownloadPlaces {
  static final int OF_REPOSITORY = 3;
  static final int OF_REGISTRY = 8 * OF_REPOSITORY;

  private final KeyedTurns repositories = new KeyedTurns(OF_REPOSITORY);
  private final KeyedTurns registries = new KeyedTurns(OF_REGISTRY);

  /** Waits for a place; closing the result gives it back. */
  KeyedTurns.Turn await(Reference reference) throws InterruptedException {
    // The repository's first: who waits for it holds none of the registry's.
    KeyedTurns.Turn own = repositories.await(reference.domain() + "/" + reference.repository());
    try {
      KeyedTurns.Turn common = registries.await(reference.domain());
      return () -> {
        common.close();
        own.close();
      };
    } catch (InterruptedException brokenOff) {
      own.close();
      throw brokenOff;
    }
  }

  /** Of how many repositories and registries somebody downloads, or waits for it. */
  int inUse() {
    return repositories.keys() + registries.keys();
  }
}
