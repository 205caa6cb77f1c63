package dev.hanse.runtime.containers;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.hanse.containerd.events.SubscribeRequest;
import dev.hanse.containerd.events.TaskExit;
import dev.hanse.containerd.events.TaskOOM;
import dev.hanse.containerd.types.Envelope;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.ContainerdProcess;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one stream of containerd's events, on one virtual thread. When it breaks, containerd is
 * brought up again and the stream is opened anew; since events between are lost, everything is
 * compared with containerd then, once more shortly after (the subscription is not acknowledged),
 * and now and then.
 */
final class EventFeed implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventFeed.class);
  private static final Duration RETRY_PAUSE = Duration.ofMillis(300);
  private static final Duration SECOND_COMPARISON = Duration.ofSeconds(1);
  private static final Duration COMPARISON_PERIOD = Duration.ofSeconds(60);

  /** Who is told. Calls come on the feed's threads and must not block long. */
  interface Receiver {
    void exited(String containerId, String execId, int processId, int code, Instant at);

    void outOfMemory(String containerId, Instant at);

    /** Events may have been missed: look at everything. */
    void compare();
  }

  private final ContainerdProcess process;
  private final ContainerdClient client;
  private final String namespace;
  private final Receiver receiver;
  private final Context.CancellableContext context = Context.current().withCancellation();
  private volatile boolean closed;

  private EventFeed(
      ContainerdProcess process, ContainerdClient client, String namespace, Receiver receiver) {
    this.process = process;
    this.client = client;
    this.namespace = namespace;
    this.receiver = receiver;
  }

  static EventFeed open(
      ContainerdProcess process, ContainerdClient client, String namespace, Receiver receiver) {
    var feed = new EventFeed(process, client, namespace, receiver);
    Thread.ofVirtual().name("containerd events").start(context(feed));
    return feed;
  }

  private static Runnable context(EventFeed feed) {
    return feed.context.wrap(feed::run);
  }

  private void run() {
    while (!closed) {
      long begin = System.nanoTime();
      Thread comparing = Thread.ofVirtual().name("containerd comparison").start(this::compareLoop);
      try {
        receive();
      } catch (StatusRuntimeException broken) {
        if (!closed) {
          LOG.warn("the stream of containerd's events broke: {}", broken.getMessage());
        }
      } finally {
        comparing.interrupt();
      }
      if (System.nanoTime() - begin < RETRY_PAUSE.toNanos()) {
        pause();
      }
      recover();
    }
  }

  private void receive() {
    var request =
        SubscribeRequest.newBuilder()
            .addFilters("namespace==\"" + namespace + "\",topic==\"/tasks/exit\"")
            .addFilters("namespace==\"" + namespace + "\",topic==\"/tasks/oom\"")
            .build();
    Iterator<Envelope> events = client.calls().events().subscribe(request);
    while (events.hasNext()) {
      deliver(events.next());
    }
  }

  private void deliver(Envelope envelope) {
    try {
      if (envelope.getTopic().equals("/tasks/exit")) {
        TaskExit exit = TaskExit.parseFrom(envelope.getEvent().getValue());
        boolean ofContainer = exit.getId().equals(exit.getContainerId());
        receiver.exited(
            exit.getContainerId(),
            ofContainer ? "" : exit.getId(),
            exit.getPid(),
            exit.getExitStatus(),
            ContainerRecords.instant(exit.getExitedAt()));
      } else {
        TaskOOM oom = TaskOOM.parseFrom(envelope.getEvent().getValue());
        receiver.outOfMemory(
            oom.getContainerId(), ContainerRecords.instant(envelope.getTimestamp()));
      }
    } catch (InvalidProtocolBufferException | RuntimeException failure) {
      LOG.error("event {} could not be handled", envelope.getTopic(), failure);
    }
  }

  private void compareLoop() {
    try {
      compare();
      Thread.sleep(SECOND_COMPARISON);
      while (!closed) {
        compare();
        Thread.sleep(COMPARISON_PERIOD);
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  private void compare() {
    try {
      receiver.compare();
    } catch (RuntimeFault failure) {
      LOG.warn("comparing with containerd: {}", failure.getMessage());
    }
  }

  private void recover() {
    if (closed) {
      return;
    }
    try {
      process.ensureRunning();
      client.reconnectNow();
    } catch (RuntimeFault failure) {
      LOG.error("containerd cannot be brought up: {}", failure.getMessage());
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(RETRY_PAUSE);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
    context.cancel(null);
  }
}
