package dev.hanse.runtime.containers;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.hanse.containerd.events.SubscribeRequest;
import dev.hanse.containerd.events.TaskExit;
import dev.hanse.containerd.events.TaskOOM;
import dev.hanse.containerd.types.Envelope;
import dev.hanse.health.FaultPolicy;
import dev.hanse.health.Health;
import dev.hanse.health.Looks;
import dev.hanse.health.OwnerThread;
import dev.hanse.health.Turn;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.ContainerdProcess;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one stream of containerd's events, on one virtual thread. When it breaks, containerd is
 * brought up again and the stream is opened anew; since events between are lost, everything is
 * compared with containerd then, once more shortly after (the subscription is not acknowledged),
 * and now and then. So it is when an event could not be handled.
 */
final class EventFeed implements Turn<EventFeed.News>, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventFeed.class);
  private static final Duration RETRY_PAUSE = Duration.ofMillis(300);
  private static final Duration SECOND_COMPARISON = Duration.ofSeconds(1);
  private static final Duration COMPARISON_PERIOD = Duration.ofSeconds(15);

  /** Who is told. Calls come on the feed's threads and must not block long. */
  interface Receiver {
    void exited(String containerId, String execId, int processId, int code, Instant at);

    void outOfMemory(String containerId, Instant at);

    /** Events may have been missed: look at everything. */
    void compare();
  }

  /** What comes of waiting. */
  sealed interface News {
    /** The stream was opened, perhaps again. */
    record Opened() implements News {}

    /** containerd says something. */
    record Happened(Envelope envelope) implements News {}
  }

  private final ContainerdProcess process;
  private final ContainerdClient client;
  private final String namespace;
  private final Receiver receiver;
  private final Context.CancellableContext context = Context.current().withCancellation();
  private final AtomicBoolean missed = new AtomicBoolean();
  private final Looks comparing = new Looks(this::compare);
  private final OwnerThread comparison;
  private final OwnerThread thread;

  /** Of the thread; null while there is none. */
  private @Nullable Iterator<Envelope> stream;

  private long openedNanos;
  private boolean broken;

  private EventFeed(
      Health health,
      ContainerdProcess process,
      ContainerdClient client,
      String namespace,
      Receiver receiver) {
    this.process = process;
    this.client = client;
    this.namespace = namespace;
    this.receiver = receiver;
    this.comparison = OwnerThread.named(health, "containerd comparison").virtual().of(comparing);
    this.thread =
        OwnerThread.named(health, "containerd events")
            .vital()
            .virtual()
            .policy(FaultPolicy.rebuild(this::compareSoon))
            .of(this);
  }

  static EventFeed open(
      Health health,
      ContainerdProcess process,
      ContainerdClient client,
      String namespace,
      Receiver receiver) {
    var feed = new EventFeed(health, process, client, namespace, receiver);
    feed.comparison.start();
    feed.thread.start();
    return feed;
  }

  @Override
  public News await() throws Exception {
    while (true) {
      Iterator<Envelope> present = stream;
      if (present == null) {
        return open();
      }
      try {
        if (present.hasNext()) {
          return new News.Happened(present.next());
        }
      } catch (StatusRuntimeException fault) {
        if (!thread.isClosed()) {
          LOG.warn("the stream of containerd's events broke: {}", fault.getMessage());
        }
      }
      stream = null;
      broken = true;
      if (System.nanoTime() - openedNanos < RETRY_PAUSE.toNanos()) {
        Thread.sleep(RETRY_PAUSE);
      }
    }
  }

  private News open() throws Exception {
    if (broken) {
      process.ensureRunning();
      client.reconnectNow();
    }
    var request =
        SubscribeRequest.newBuilder()
            .addFilters("namespace==\"" + namespace + "\",topic==\"/tasks/exit\"")
            .addFilters("namespace==\"" + namespace + "\",topic==\"/tasks/oom\"")
            .build();
    openedNanos = System.nanoTime();
    stream = context.call(() -> client.calls().events().subscribe(request));
    return new News.Opened();
  }

  @Override
  public void perform(News news) throws InvalidProtocolBufferException {
    switch (news) {
      case News.Opened _ -> compareSoon();
      case News.Happened(Envelope envelope) -> deliver(envelope);
    }
  }

  private void deliver(Envelope envelope) throws InvalidProtocolBufferException {
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
      receiver.outOfMemory(oom.getContainerId(), ContainerRecords.instant(envelope.getTimestamp()));
    }
  }

  private void compareSoon() {
    missed.set(true);
    comparing.wake();
  }

  /** Of the comparison's thread. */
  private Duration compare() {
    boolean twice = missed.getAndSet(false);
    try {
      receiver.compare();
    } catch (RuntimeException | Error fault) {
      missed.set(true);
      throw fault;
    }
    return twice ? SECOND_COMPARISON : COMPARISON_PERIOD;
  }

  @Override
  public void close() {
    thread.interruptAndEnd();
    comparison.interruptAndEnd();
    context.cancel(null);
  }
}
