package dev.hanse.docker.stream;

import dev.hanse.agent.network.LocalNetworks;
import dev.hanse.agent.task.HealthMonitor;
import dev.hanse.agent.task.HealthStatus;
import dev.hanse.docker.container.AttachedNetwork;
import dev.hanse.docker.container.ContainerHealth;
import dev.hanse.docker.container.NodeContainer;
import dev.hanse.docker.container.NodeContainers;
import dev.hanse.docker.events.Event;
import dev.hanse.docker.events.EventHub;
import dev.hanse.health.Health;
import dev.hanse.health.OwnerThread;
import dev.hanse.health.Turn;
import dev.hanse.runtime.containers.ContainerEvent;
import dev.hanse.runtime.containers.Containers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what the runtime and the probes say of containers into events of the API. The runtime's
 * listener must not block, and an event needs the container's name and labels: so a thread of its
 * own looks them up.
 */
public final class ContainerEventTranslator implements Turn<Runnable>, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerEventTranslator.class);

  /** More than this waiting are dropped, as Docker drops events for slow readers. */
  private static final int QUEUE_MAX = 4096;

  private final NodeContainers containers;
  private final ExecSessions execs;
  private final EventHub events;
  private final BlockingQueue<Runnable> queue = new LinkedBlockingQueue<>(QUEUE_MAX);

  /** Of the containers that are there; used by the thread only. */
  private final Map<String, Map<String, String>> known = new HashMap<>();

  /** Likewise, the networks that they are on while they run. */
  private final Map<String, List<AttachedNetwork>> networks = new HashMap<>();

  /** Set before the API is there to ask for events. */
  private volatile @Nullable LocalNetworks own;

  private final List<AutoCloseable> subscriptions;
  private final OwnerThread thread;

  /** Starts the thread; its end is told to the health, its events go to the hub. */
  public ContainerEventTranslator(
      Health health,
      Containers runtime,
      HealthMonitor probes,
      NodeContainers containers,
      ExecSessions execs,
      EventHub events) {
    this.containers = containers;
    this.execs = execs;
    this.events = events;
    this.thread = OwnerThread.named(health, "container-events").virtual().of(this).start();
    this.subscriptions =
        List.of(
            runtime.subscribe(event -> offer(event.containerId(), () -> tell(event))),
            probes.subscribe((id, verdict) -> offer(id, () -> tell(id, verdict))));
  }

  /** The node's own networks, on which containers may be. */
  public void ownNetworks(LocalNetworks networks) {
    own = networks;
  }

  private void offer(String containerId, Runnable telling) {
    if (!queue.offer(telling)) {
      LOG.warn("too many container events at once, one of {} is dropped", containerId);
    }
  }

  @Override
  public Runnable await() throws InterruptedException {
    return queue.take();
  }

  @Override
  public void perform(Runnable telling) {
    telling.run();
  }

  /** In Docker's order: on its networks before it runs, off them when it has ended. */
  private void tell(ContainerEvent event) {
    if (event instanceof ContainerEvent.Removed removed) {
      known.remove(removed.containerId());
      networks.remove(removed.containerId());
    }
    Map<String, String> attributes = new TreeMap<>(attributes(event));
    String action = action(event, attributes);
    if (event instanceof ContainerEvent.Started) {
      tellNetworks("connect", event.containerId());
    }
    events.publish(Event.local("container", action, event.containerId(), attributes));
    if (event instanceof ContainerEvent.Exited) {
      tellNetworks("disconnect", event.containerId());
    }
  }

  private void tellNetworks(String action, String containerId) {
    for (AttachedNetwork network : networks.getOrDefault(containerId, List.of())) {
      events.publish(
          Event.local("network", action, network.id(), network.eventAttributes(containerId)));
    }
  }

  private void tell(String containerId, HealthStatus verdict) {
    lookUp(containerId);
    events.publish(
        Event.local(
            "container",
            "health_status: " + ContainerHealth.word(verdict),
            containerId,
            known.getOrDefault(containerId, Map.of())));
  }

  /** As it is now, or was when it was last seen. */
  private Map<String, String> attributes(ContainerEvent event) {
    if (event instanceof ContainerEvent.Removed(String id, Map<String, String> labels, var _)) {
      return NodeContainer.eventAttributes(id, labels, Optional.empty());
    }
    lookUp(event.containerId());
    return known.getOrDefault(event.containerId(), Map.of());
  }

  private void lookUp(String containerId) {
    try {
      containers.byId(containerId).ifPresent(this::note);
    } catch (RuntimeException unavailable) {
      LOG.debug("container {} cannot be looked up", containerId, unavailable);
    }
  }

  private void note(NodeContainer container) {
    known.put(container.id(), container.eventAttributes());
    LocalNetworks local = own;
    // When its task is gone, what it was on is still to be told.
    if (local != null && container.task().isPresent()) {
      networks.put(container.id(), AttachedNetwork.of(container, local));
    }
  }

  private String action(ContainerEvent event, Map<String, String> attributes) {
    return switch (event) {
      case ContainerEvent.Created _ -> "create";
      case ContainerEvent.Removed _ -> "destroy";
      case ContainerEvent.Started _ -> "start";
      case ContainerEvent.Exited exited -> {
        attributes.put("exitCode", Integer.toString(exited.status().code()));
        yield "die";
      }
      case ContainerEvent.OutOfMemory _ -> "oom";
      case ContainerEvent.ExecExited exec -> {
        attributes.put("execID", execs.knownAs(exec.execId()));
        attributes.put("exitCode", Integer.toString(exec.status().code()));
        yield "exec_die";
      }
      case ContainerEvent.Paused _ -> "pause";
      case ContainerEvent.Resumed _ -> "unpause";
    };
  }

  @Override
  public void close() {
    for (AutoCloseable subscription : subscriptions) {
      try {
        subscription.close();
      } catch (Exception fault) {
        LOG.debug("leaving the events of containers", fault);
      }
    }
    thread.interruptAndEnd();
  }
}
