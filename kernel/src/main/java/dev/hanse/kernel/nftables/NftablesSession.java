package dev.hanse.kernel.nftables;

import dev.hanse.kernel.namespace.NetworkNamespace;
import java.util.Optional;

/**
 * The packet filter of a network namespace, for someone who changes it again and again: as {@link
 * Nftables}, but the library's context stays open between calls.
 *
 * <p>That is worth it when something is deleted or replaced: the kernel frees it after a grace
 * period of some ten milliseconds, and closing the context's socket before that waits for it. And
 * the namespace is entered once only, for opening; so rules must name interfaces by name ({@code
 * iifname}), not by index ({@code iif}), which would be looked up where the caller is. Of one
 * thread at a time.
 */
public final class NftablesSession implements AutoCloseable {
  private final NetworkNamespace namespace;
  private Optional<LibraryContext> context = Optional.empty();

  /** Opens nothing yet. */
  public NftablesSession(NetworkNamespace namespace) {
    this.namespace = namespace;
  }

  /** As {@link Nftables#apply}. */
  public void apply(String ruleset) {
    run(ruleset, false);
  }

  /** As {@link Nftables#list}. */
  public String list(String command) {
    return run(command, false);
  }

  /** As {@link Nftables#listJson}. */
  public String listJson(String command) {
    return run(command, true);
  }

  private String run(String command, boolean json) {
    LibraryContext.missing()
        .ifPresent(
            reason -> {
              throw new IllegalStateException(reason);
            });
    Nftables.TURN.lock();
    try {
      if (context.isEmpty()) {
        context = Optional.of(namespace.call(() -> LibraryContext.open(json)));
      }
      LibraryContext open = context.get();
      open.json(json);
      return open.run(command);
    } finally {
      Nftables.TURN.unlock();
    }
  }

  /** Frees the library's context; a later call makes a new one. */
  @Override
  public void close() {
    Nftables.TURN.lock();
    try {
      context.ifPresent(LibraryContext::close);
      context = Optional.empty();
    } finally {
      Nftables.TURN.unlock();
    }
  }
}
