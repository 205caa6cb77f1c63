package dev.hanse.runtime.containers;

import dev.hanse.health.FaultLog;
import dev.hanse.health.Health;
import dev.hanse.health.OwnerThread;
import dev.hanse.health.Turn;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;

/** Hands events to the subscribers, in order, on one virtual thread. */
final class ContainerEvents implements Turn<ContainerEvent>, AutoCloseable {
  /** Who publishes waits when so many are not handed over yet. */
  private static final int WAITING_MAX = 10_000;

  private final LinkedBlockingQueue<ContainerEvent> waiting =
      new LinkedBlockingQueue<>(WAITING_MAX);
  private final List<ContainerEvent.Listener> listeners = new CopyOnWriteArrayList<>();
  private final FaultLog faults = new FaultLog("a listener to container events");
  private final OwnerThread thread;

  ContainerEvents(Health health) {
    thread = OwnerThread.named(health, "container events").vital().virtual().of(this).start();
  }

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

  @Override
  public ContainerEvent await() throws InterruptedException {
    return waiting.take();
  }

  @Override
  public void perform(ContainerEvent event) {
    for (ContainerEvent.Listener listener : listeners) {
      tell(listener, event);
    }
  }

  /** A listener's fault is its own. */
  private void tell(ContainerEvent.Listener listener, ContainerEvent event) {
    try {
      listener.happened(event);
    } catch (RuntimeException | Error failure) {
      faults.log(failure);
    }
  }

  @Override
  public void close() {
    thread.interruptAndEnd();
  }
}
