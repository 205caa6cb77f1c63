package dev.hanse.runtime.containers;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands events to the subscribers, in order, on one virtual thread. */
final class ContainerEvents implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerEvents.class);

  /** Who publishes waits when so many are not handed over yet. */
  private static final int WAITING_MAX = 10_000;

  private final LinkedBlockingQueue<ContainerEvent> waiting =
      new LinkedBlockingQueue<>(WAITING_MAX);
  private final List<ContainerEvent.Listener> listeners = new CopyOnWriteArrayList<>();
  private final Thread thread = Thread.ofVirtual().name("container events").start(this::handOver);

  void publish(ContainerEvent event) {
    try {
      waiting.put(event);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  AutoCloseable subscribe(ContainerEvent.Listener listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  private void handOver() {
    try {
      while (true) {
        ContainerEvent event = waiting.take();
        for (ContainerEvent.Listener listener : listeners) {
          tell(listener, event);
        }
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private static void tell(ContainerEvent.Listener listener, ContainerEvent event) {
    try {
      listener.happened(event);
    } catch (RuntimeException failure) {
      LOG.error("a listener failed on {}", event, failure);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
