package dev.hanse.agent;

import dev.hanse.agent.dispatch.Membership;
import dev.hanse.agent.log.LogStore;
import dev.hanse.agent.network.TaskNetworks;
import dev.hanse.agent.volume.Volumes;
import dev.hanse.model.NodeDescription;
import dev.hanse.runtime.ContainerRuntime;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The agent of this node, for the rest of the daemon. It exists whether or not the node is in a
 * swarm; {@link #join} makes it serve the managers of one.
 *
 * <p>All methods may be called from any thread.
 */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"})
public final class Agent implements AutoCloseable {
  private final AgentSettings settings;
  private final Volumes volumes;
  private final LogStore logs;

  private final ContainerRuntime runtime;
  private final TaskNetworks networks;

  private Agent(AgentSettings settings, ContainerRuntime runtime, TaskNetworks networks)
      throws IOException {
    this.settings = settings;
    this.runtime = runtime;
    this.networks = networks;
    this.volumes = Volumes.in(settings.dataDirectory().resolve("volumes"));
    this.logs = LogStore.in(settings.dataDirectory().resolve("logs"));
  }

  /**
   * Starts the agent: adopts the containers of tasks assigned before, removes those of others.
   *
   * @param runtime where the containers are; stays the caller's to close, after the agent
   * @param networks makes the tasks' networks; likewise
   * @throws IOException when the data directory cannot be used
   */
  public static Agent start(AgentSettings settings, ContainerRuntime runtime, TaskNetworks networks)
      throws IOException {
    return new Agent(settings, runtime, networks);
  }

  /** Begins to serve the managers of a swarm; an earlier membership's session ends. */
  public void join(Membership membership) {
    throw new UnsupportedOperationException(membership.nodeId());
  }

  /**
   * Ends the membership for good: the tasks' containers are stopped and removed, what was assigned
   * is forgotten. Returns when that is done.
   */
  public void leave() throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /** Ends the present session and begins another: the certificate or the description changed. */
  public void reconnect() {
    throw new UnsupportedOperationException();
  }

  /** The tasks on this node. */
  public List<NodeTask> tasks() {
    return List.of();
  }

  /** The task of a container; empty for one that belongs to no task. */
  public Optional<NodeTask> taskOfContainer(String containerId) {
    return tasks().stream()
        .filter(task -> task.containerId().equals(Optional.of(containerId)))
        .findFirst();
  }

  /** The local volumes. */
  public Volumes volumes() {
    return volumes;
  }

  /** The containers' logs. */
  public LogStore logs() {
    return logs;
  }

  /** What the managers are told about this node, without its certificate's data. */
  public NodeDescription description() {
    return NodeDescription.newBuilder().setHostname(settings.hostname()).build();
  }

  /** Ends the session; the containers go on. */
  @Override
  public void close() {}
}
