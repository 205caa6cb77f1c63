package dev.hanse.manager.log;

import dev.hanse.calls.NodeCalls;
import dev.hanse.cluster.ServiceLogs;
import dev.hanse.model.LogSelector;
import dev.hanse.model.LogSubscriptionOptions;
import dev.hanse.store.Store;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The requests for logs that readers have made of this manager, which gathers for them whether it
 * leads or not.
 */
public final class LogReaders implements AutoCloseable {
  static final int REQUESTS_MAX = 1_000;

  private final Store store;
  private final NodeCalls calls;
  private final Set<Gathering> open = ConcurrentHashMap.newKeySet();

  /**
   * Without requests.
   *
   * @param store says which nodes run whose tasks
   * @param calls asks them
   */
  public LogReaders(Store store, NodeCalls calls) {
    this.store = store;
    this.calls = calls;
  }

  /**
   * Begins gathering.
   *
   * @throws IllegalStateException if too many requests are open
   */
  public ServiceLogs read(LogSelector selector, LogSubscriptionOptions options) {
    Gathering gathering = new Gathering(store, calls, selector, options, open::remove);
    synchronized (this) {
      if (open.size() >= REQUESTS_MAX) {
        throw new IllegalStateException("too many log requests are open");
      }
      open.add(gathering);
    }
    gathering.begin();
    return gathering;
  }

  /** How many requests are open. */
  int size() {
    return open.size();
  }

  /** Ends all requests; their readers are told. */
  @Override
  public void close() {
    List.copyOf(open).forEach(Gathering::stop);
  }
}
