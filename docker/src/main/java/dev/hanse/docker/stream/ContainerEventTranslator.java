package dev.hanse.docker.stream;

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
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what the runtime says of containers into events of the API. The runtime's listener must not
 * block, and an event needs the container's name and labels: so a thread of its own looks them up.
 */
public final class ContainerEventTranslator implements Turn<ContainerEvent>, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerEventTranslator.class);

  /** More than this waiting are dropped, as Docker drops events for slow readers. */
  private static final int QUEUE_MAX = 4096;

  private final NodeContainers containers;
  private final ExecSessions execs;
  private final EventHub events;
  private final BlockingQueue<ContainerEvent> queue = new LinkedBlockingQueue<>(QUEUE_MAX);

  /** Of the containers that are there; used by the thread only. */
  private final Map<String, Map<String, String>> known = new HashMap<>();

  private final AutoCloseable subscription;
  private final OwnerThread thread;

  /** Starts the thread; its end is told to the health, its events go to the hub. */
  public ContainerEventTranslator(
      Health health,
      Containers runtime,
      NodeContainers containers,
      ExecSessions execs,
      EventHub events) {
    this.containers = containers;
    this.execs = execs;
    this.events = events;
    this.thread = OwnerThread.named(health, "container-events").virtual().of(this).start();
    this.subscription = runtime.subscribe(this::offer);
  }

  private void offer(ContainerEvent event) {
    if (!queue.offer(event)) {
      LOG.warn("too many container events at once, one of {} is dropped", event.containerId());
    }
  }

  @Override
  public ContainerEvent await() throws InterruptedException {
    return queue.take();
  }

  @Override
  public void perform(ContainerEvent event) {
    if (event instanceof ContainerEvent.Removed removed) {
      known.remove(removed.containerId());
    }
    Map<String, String> attributes = new TreeMap<>(attributes(event));
    String action = action(event, attributes);
    events.publish(Event.local("container", action, event.containerId(), attributes));
  }

  /** As it is now, or was when it was last seen. */
  private Map<String, String> attributes(ContainerEvent event) {
    if (event instanceof ContainerEvent.Removed(String id, Map<String, String> labels, var _)) {
      return NodeContainer.eventAttributes(id, labels, Optional.empty());
    }
    try {
      containers
          .byId(event.containerId())
          .ifPresent(found -> known.put(found.id(), found.eventAttributes()));
    } catch (RuntimeException unavailable) {
      LOG.debug("container {} cannot be looked up", event.containerId(), unavailable);
    }
    return known.getOrDefault(event.containerId(), Map.of());
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
    try {
      subscription.close();
    } catch (Exception fault) {
      LOG.debug("leaving the runtime's events", fault);
    }
    thread.interruptAndEnd();
  }
}
