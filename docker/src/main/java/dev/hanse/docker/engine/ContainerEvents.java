package dev.hanse.docker.engine;

import dev.hanse.docker.events.Event;
import dev.hanse.docker.events.EventHub;
import dev.hanse.runtime.containers.ContainerEvent;
import dev.hanse.runtime.containers.Containers;
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
final class ContainerEvents implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerEvents.class);

  /** More than this waiting are dropped, as Docker drops events for slow readers. */
  private static final int QUEUE_MAX = 4096;

  private final NodeContainers containers;
  private final EventHub events;
  private final BlockingQueue<ContainerEvent> queue = new LinkedBlockingQueue<>(QUEUE_MAX);
  private final AutoCloseable subscription;
  private final Thread thread;

  ContainerEvents(Containers runtime, NodeContainers containers, EventHub events) {
    this.containers = containers;
    this.events = events;
    this.thread = Thread.ofVirtual().name("container-events").start(this::run);
    this.subscription = runtime.subscribe(this::offer);
  }

  private void offer(ContainerEvent event) {
    if (!queue.offer(event)) {
      LOG.warn("too many container events at once, one of {} is dropped", event.containerId());
    }
  }

  private void run() {
    try {
      while (true) {
        publish(queue.take());
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private void publish(ContainerEvent event) {
    Map<String, String> attributes = new TreeMap<>();
    try {
      Optional<NodeContainer> container = containers.byId(event.containerId());
      container.ifPresent(
          found -> {
            attributes.putAll(found.state().labels());
            attributes.put("name", found.name());
            attributes.put("image", found.image());
          });
    } catch (RuntimeException unavailable) {
      LOG.debug("container {} cannot be looked up", event.containerId(), unavailable);
    }
    events.publish(
        Event.local("container", action(event, attributes), event.containerId(), attributes));
  }

  private static String action(ContainerEvent event, Map<String, String> attributes) {
    return switch (event) {
      case ContainerEvent.Started started -> "start";
      case ContainerEvent.Exited exited -> {
        attributes.put("exitCode", Integer.toString(exited.status().code()));
        yield "die";
      }
      case ContainerEvent.OutOfMemory outOfMemory -> "oom";
      case ContainerEvent.ExecExited exec -> {
        attributes.put("execID", exec.execId());
        attributes.put("exitCode", Integer.toString(exec.status().code()));
        yield "exec_die";
      }
      case ContainerEvent.Paused paused -> "pause";
      case ContainerEvent.Resumed resumed -> "unpause";
    };
  }

  @Override
  public void close() {
    try {
      subscription.close();
    } catch (Exception fault) {
      LOG.debug("leaving the runtime's events", fault);
    }
    thread.interrupt();
  }
}
