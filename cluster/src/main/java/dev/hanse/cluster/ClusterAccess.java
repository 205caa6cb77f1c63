package dev.hanse.cluster;

import dev.hanse.control.Decision;
import dev.hanse.control.command.Command;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.EngineCall;
import dev.hanse.model.LogSelector;
import dev.hanse.model.LogSubscriptionOptions;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The cluster as one of its managers gives access to it. May be used by many threads. */
public interface ClusterAccess {
  /**
   * The committed state, as far as this manager has applied it; a moment behind the leader's on
   * another manager. Never blocks.
   */
  Snapshot snapshot();

  /**
   * Asks for a write, whichever manager leads. The future completes with the decision when it is
   * committed and visible in {@link #snapshot}, or with the rejection, which is {@code Unavailable}
   * without a leader; never exceptionally. It may complete on a thread that must not be blocked.
   */
  CompletableFuture<Decision> submit(Command command);

  /**
   * As {@link #submit}, for the cluster's specification and the secrets that go with it, which are
   * drawn anew if asked for. May ask external authorities for a certificate, and block so long.
   *
   * @param version of the cluster object that the specification was made from
   */
  CompletableFuture<Decision> updateCluster(long version, ClusterSpec spec, Rotation rotation);

  /**
   * Tells of each commit from now on, until the subscription is closed; see {@link Store.Listener}
   * for what the listener may not do.
   */
  Store.Subscription subscribe(Store.Listener listener);

  /** The node id of the leader that this manager knows of; empty while there is none. */
  Optional<String> leader();

  /**
   * Gathers the logs of services, tasks or nodes from the nodes that have them.
   *
   * @throws IllegalStateException with a text for the user if gathering cannot begin, for example
   *     without a leader
   */
  ServiceLogs logs(LogSelector selector, LogSubscriptionOptions options);

  /**
   * Asks the engine of another node about one of its containers, and waits for the head of its
   * answer.
   *
   * @throws EngineCallException if there is none
   * @throws IllegalArgumentException if the call is longer than {@value #ENGINE_CALL_BYTES_MAX}
   */
  EngineAnswer askEngine(String nodeId, EngineCall call)
      throws EngineCallException, InterruptedException;

  /** Of a call to an engine, bytes. */
  int ENGINE_CALL_BYTES_MAX = 200 * 1024;
}
