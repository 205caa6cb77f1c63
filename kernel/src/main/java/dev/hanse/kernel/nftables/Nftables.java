package dev.hanse.kernel.nftables;

import dev.hanse.kernel.namespace.NetworkNamespace;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The packet filter of a network namespace. A value without resources: each call makes a context of
 * libnftables and frees it.
 *
 * <p>The library keeps the list of interfaces in a global variable and so is not safe for several
 * threads or namespaces at a time; all calls of the program take turns.
 *
 * @param namespace whose packet filter
 */
public record Nftables(NetworkNamespace namespace) {
  /** Held by whoever is inside the library. */
  static final ReentrantLock TURN = new ReentrantLock();

  /** Whether libnftables can be loaded. */
  public static boolean available() {
    return LibraryContext.missing().isEmpty();
  }

  /**
   * Performs commands in the language of nft(8), all or none.
   *
   * @throws NftablesException with nft's explanation; nothing was changed
   * @throws IllegalStateException if libnftables is missing
   */
  public void apply(String ruleset) {
    run(ruleset, false);
  }

  /**
   * Performs a listing command such as {@code list table inet filter} and returns its text.
   *
   * @throws NftablesException with nft's explanation, such as that there is no such table
   */
  public String list(String command) {
    return run(command, false);
  }

  /** As {@link #list}, in the form of libnftables-json(5). */
  public String listJson(String command) {
    return run(command, true);
  }

  private String run(String command, boolean json) {
    LibraryContext.missing()
        .ifPresent(
            reason -> {
              throw new IllegalStateException(reason);
            });
    // The turn is taken out here: inside the namespace nobody may be woken.
    TURN.lock();
    try {
      return namespace.call(
          () -> {
            try (LibraryContext context = LibraryContext.open(json)) {
              return context.run(command);
            }
          });
    } finally {
      TURN.unlock();
    }
  }
}
