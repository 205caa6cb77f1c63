package dev.hanse.agent;

import com.google.protobuf.Timestamp;
import dev.hanse.agent.dispatch.LogServer;
import dev.hanse.agent.log.LogEntry;
import dev.hanse.agent.log.LogPosition;
import dev.hanse.agent.log.LogQuery;
import dev.hanse.agent.log.LogReader;
import dev.hanse.agent.log.LogSource;
import dev.hanse.agent.log.LogStore;
import dev.hanse.agent.task.TaskContainer;
import dev.hanse.agent.task.TaskMachine;
import dev.hanse.agent.workload.SwarmLabels;
import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.agent.workload.Workload;
import dev.hanse.bounds.BulkWork;
import dev.hanse.calls.CallException;
import dev.hanse.model.LogContext;
import dev.hanse.model.LogMessage;
import dev.hanse.model.LogPlace;
import dev.hanse.model.LogSelector;
import dev.hanse.model.LogStream;
import dev.hanse.model.LogSubscriptionOptions;
import dev.hanse.model.LogsCall;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the logs of this node's tasks for managers. */
final class TaskLogServer implements LogServer {
  private static final Logger LOG = LoggerFactory.getLogger(TaskLogServer.class);

  // How soon a follower sees the first lines of a task that came after it.
  private static final Duration NEW_TASKS_EVERY = Duration.ofMillis(500);

  /** With one more of the longest line a message is not full. */
  private static final int BATCH_BYTES = 12 * 1024;

  private final Supplier<Collection<NodeWorkload>> tasks;
  private final LogStore logs;

  TaskLogServer(Supplier<Collection<NodeWorkload>> tasks, LogStore logs) {
    this.tasks = tasks;
    this.logs = logs;
  }

  /** A task's log, opened where its next line is. */
  private record Opened(Workload task, LogReader reader) {}

  @Override
  public void serve(LogsCall call, Sink sink) throws CallException, InterruptedException {
    Map<String, LogPosition> known = new HashMap<>();
    call.getPlacesList().forEach(place -> known.put(place.getTaskId(), position(place)));
    LogQuery query = query(call.getOptions());
    Map<String, Thread> readers = new HashMap<>();
    try {
      begin(open(call, call.getResumed() ? query.whole() : query, known, readers), sink, readers);
      while (call.getOptions().getFollow()) {
        Thread.sleep(NEW_TASKS_EVERY);
        // All of what came after the reader.
        open(call, query.whole(), known, readers).forEach(opened -> start(opened, sink, readers));
      }
      for (Thread reader : readers.values()) {
        reader.join();
      }
    } finally {
      readers.values().forEach(Thread::interrupt);
    }
  }

  /** The places of all tasks are told before the first line: a call that is cut goes on there. */
  private static void begin(List<Opened> opened, Sink sink, Map<String, Thread> readers)
      throws CallException, InterruptedException {
    boolean told = false;
    try {
      sink.places(opened.stream().map(each -> place(each.task(), each.reader())).toList());
      told = true;
    } finally {
      if (!told) {
        opened.forEach(each -> close(each.reader()));
      }
    }
    opened.forEach(each -> start(each, sink, readers));
  }

  private List<Opened> open(
      LogsCall call, LogQuery query, Map<String, LogPosition> known, Map<String, Thread> readers) {
    List<Opened> opened = new ArrayList<>();
    for (Workload task : matching(call.getSelector())) {
      if (!readers.containsKey(task.id()) && isReadable(task, query.follow())) {
        open(task, query, known.getOrDefault(task.id(), LogPosition.BEGIN))
            .ifPresent(reader -> opened.add(new Opened(task, reader)));
      }
    }
    return opened;
  }

  private Optional<LogReader> open(Workload task, LogQuery query, LogPosition from) {
    try {
      LogReader reader = logs.read(TaskContainer.id(task.id()), query);
      if (!from.equals(LogPosition.BEGIN)) {
        reader.begin(from);
      }
      return Optional.of(reader);
    } catch (IOException failure) {
      LOG.warn("reading the log of task {}: {}", task.id(), failure.getMessage());
      return Optional.empty();
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static void start(Opened opened, Sink sink, Map<String, Thread> readers) {
    Workload task = opened.task();
    Thread thread =
        Thread.ofVirtual()
            .name("log-" + task.id())
            .unstarted(() -> read(task, opened.reader(), sink));
    readers.put(task.id(), thread);
    thread.start();
  }

  private static void close(LogReader reader) {
    try {
      reader.close();
    } catch (IOException failure) {
      LOG.debug("closing a log: {}", failure.getMessage());
    }
  }

  /** To follow a log that is not being written yet would end at once. */
  private boolean isReadable(Workload task, boolean follow) {
    return !follow
        || logs.isOpen(TaskContainer.id(task.id()))
        || TaskMachine.isEnded(task.status().state());
  }

  private List<Workload> matching(LogSelector selector) {
    List<Workload> matching = new ArrayList<>();
    for (NodeWorkload candidate : tasks.get()) {
      Workload task = candidate.workload();
      if (candidate.containerId().isPresent()
          && task.isOf(SwarmWorkloads.MAKER)
          && (selector.getTaskIdsList().contains(task.id())
              || selector.getServiceIdsList().contains(label(task, SwarmLabels.SERVICE_ID))
              || selector.getNodeIdsList().contains(label(task, SwarmLabels.NODE_ID)))) {
        matching.add(task);
      }
    }
    return matching;
  }

  private static String label(Workload task, String name) {
    return task.labels().getOrDefault(name, "");
  }

  private static void read(Workload task, LogReader opened, Sink sink) {
    LogContext context =
        LogContext.newBuilder()
            .setNodeId(label(task, SwarmLabels.NODE_ID))
            .setServiceId(label(task, SwarmLabels.SERVICE_ID))
            .setTaskId(task.id())
            .build();
    try (LogReader reader = opened) {
      Optional<LogEntry> entry = reader.next();
      while (entry.isPresent()) {
        LogEntry first = entry.get();
        List<LogMessage> batch = BulkWork.call(() -> batch(context, first, reader));
        sink.lines(place(task, reader), batch);
        entry = reader.next();
      }
    } catch (IOException failure) {
      LOG.warn("could not read the log of task {}: {}", task.id(), failure.getMessage());
    } catch (InterruptedException closed) {
      LOG.debug("reading the log of task {} was ended", task.id());
    } catch (CallException gone) {
      LOG.debug("nobody takes the log of task {} any more", task.id());
    }
  }

  /** An entry and those after it that are there already, so that a long log is few messages. */
  private static List<LogMessage> batch(LogContext context, LogEntry first, LogReader reader) {
    List<LogMessage> batch = new ArrayList<>();
    int bytes = 0;
    Optional<LogEntry> entry = Optional.of(first);
    while (entry.isPresent()) {
      LogMessage message = message(context, entry.get());
      batch.add(message);
      bytes += message.getSerializedSize();
      entry = bytes < BATCH_BYTES ? present(reader) : Optional.empty();
    }
    return batch;
  }

  /** What cannot be read ends the batch only: the next try to read says so. */
  private static Optional<LogEntry> present(LogReader reader) {
    try {
      return reader.nextPresent();
    } catch (IOException failure) {
      LOG.debug("reading on in a log: {}", failure.getMessage());
      return Optional.empty();
    }
  }

  private static LogPlace place(Workload task, LogReader reader) {
    LogPosition position = reader.position();
    return LogPlace.newBuilder()
        .setTaskId(task.id())
        .setFile(position.file())
        .setOffset(position.offset())
        .build();
  }

  private static LogPosition position(LogPlace place) {
    return place.getFile() < 0 || place.getOffset() < 0
        ? LogPosition.BEGIN
        : new LogPosition(place.getFile(), place.getOffset());
  }

  /**
   * The tail of a subscription, in swarmkit's form: 0 is everything, -1 nothing, -2 the last line.
   */
  static LogQuery query(LogSubscriptionOptions options) {
    Set<LogSource> sources = EnumSet.noneOf(LogSource.class);
    for (LogStream stream : options.getStreamsList()) {
      switch (stream) {
        case LOG_STREAM_STDOUT -> sources.add(LogSource.STDOUT);
        case LOG_STREAM_STDERR -> sources.add(LogSource.STDERR);
        case LOG_STREAM_UNKNOWN, UNRECOGNIZED -> {}
      }
    }
    return new LogQuery(
        sources.isEmpty() ? EnumSet.allOf(LogSource.class) : sources,
        options.getTail() < 0 ? OptionalLong.of(-options.getTail() - 1) : OptionalLong.empty(),
        options.hasSince() ? Optional.of(instant(options.getSince())) : Optional.empty(),
        Optional.empty(),
        options.getFollow());
  }

  private static LogMessage message(LogContext context, LogEntry entry) {
    Instant timestamp = entry.timestamp();
    return LogMessage.newBuilder()
        .setContext(context)
        .setTimestamp(
            Timestamp.newBuilder()
                .setSeconds(timestamp.getEpochSecond())
                .setNanos(timestamp.getNano()))
        .setStream(
            switch (entry.source()) {
              case STDOUT -> LogStream.LOG_STREAM_STDOUT;
              case STDERR -> LogStream.LOG_STREAM_STDERR;
            })
        .setData(entry.written())
        .build();
  }

  private static Instant instant(Timestamp timestamp) {
    return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
  }
}
