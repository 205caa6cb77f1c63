package dev.hanse.agent.network;

import dev.hanse.agent.workload.Workload;
import dev.hanse.model.ForeignSubnet;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * The networks of this node's workloads, as the workload's own life sees them. Every method may be
 * called from any thread, blocks until the kernel is in the asked state, and may be repeated.
 */
public interface TaskNetworks {

  /**
   * Makes the network namespace of a workload with everything in it: loopback, a link and address
   * for each of its attachments, the egress link, published ports, name resolution. A namespace
   * that already exists (the daemon was restarted) is adopted and stays as it is. Called again with
   * a newer version of the same workload, it applies changed ports and attachments.
   *
   * @throws TaskNetworkException when the kernel or the workload's own attachments do not allow it;
   *     the message is fit for its status
   */
  TaskNetwork attach(Workload workload) throws TaskNetworkException, InterruptedException;

  /** Removes the task's namespace, links and ports; nothing happens when it has none. */
  void detach(String taskId) throws InterruptedException;

  /** What the host reaches besides these networks: no network is to take its addresses. */
  List<ForeignSubnet> foreignSubnets();

  /**
   * Has somebody told when {@link #foreignSubnets} changes; once a minute at most.
   *
   * @param listener must not block
   */
  void onForeignSubnets(Runnable listener);

  /** The tasks that have anything of it, on disk and in the kernel. */
  Set<String> holders() throws IOException;

  /** Removes what belongs to tasks other than the given ones: leftovers of an earlier run. */
  void keepOnly(Set<String> taskIds) throws InterruptedException;
}
