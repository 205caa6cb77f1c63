package dev.hanse.agent;

import com.google.protobuf.Timestamp;
import dev.hanse.agent.dispatch.LogServer;
import dev.hanse.agent.log.LogEntry;
import dev.hanse.agent.log.LogQuery;
import dev.hanse.agent.log.LogReader;
import dev.hanse.agent.log.LogSource;
import dev.hanse.agent.log.LogStore;
import dev.hanse.agent.task.TaskContainer;
import dev.hanse.agent.task.TaskMachine;
import dev.hanse.model.LogContext;
import dev.hanse.model.LogMessage;
import dev.hanse.model.LogSelector;
import dev.hanse.model.LogStream;
import dev.hanse.model.LogSubscriptionOptions;
import dev.hanse.model.SubscriptionMessage;
import dev.hanse.model.Task;
import io.grpc.StatusRuntimeException;
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
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers log subscriptions from the logs of this node's tasks. */
final class TaskLogServer implements LogServer {
  private static final Logger LOG = LoggerFactory.getLogger(TaskLogServer.class);

  // How soon a follower sees the first lines of a task that came after it.
  private static final Duration NEW_TASKS_EVERY = Duration.ofMillis(500);

  private final Supplier<Collection<NodeTask>> tasks;
  private final LogStore logs;

  TaskLogServer(Supplier<Collection<NodeTask>> tasks, LogStore logs) {
    this.tasks = tasks;
    this.logs = logs;
  }

  @Override
  public void serve(SubscriptionMessage subscription, Consumer<LogMessage> publish)
      throws InterruptedException {
    LogSubscriptionOptions options = subscription.getOptions();
    Map<String, Thread> readers = new HashMap<>();
    try {
      startReaders(subscription, publish, readers);
      while (options.getFollow()) {
        Thread.sleep(NEW_TASKS_EVERY);
        startReaders(subscription, publish, readers);
      }
      for (Thread reader : readers.values()) {
        reader.join();
      }
    } finally {
      readers.values().forEach(Thread::interrupt);
    }
  }

  private void startReaders(
      SubscriptionMessage subscription, Consumer<LogMessage> publish, Map<String, Thread> readers) {
    for (Task task : matching(subscription.getSelector())) {
      if (!readers.containsKey(task.getId())
          && isReadable(task, subscription.getOptions().getFollow())) {
        readers.put(
            task.getId(),
            Thread.ofVirtual()
                .name("log-" + task.getId())
                .start(() -> read(task, subscription.getOptions(), publish)));
      }
    }
  }

  /** To follow a log that is not being written yet would end at once. */
  private boolean isReadable(Task task, boolean follow) {
    return !follow
        || logs.isOpen(TaskContainer.id(task.getId()))
        || TaskMachine.isEnded(task.getStatus().getState());
  }

  private List<Task> matching(LogSelector selector) {
    List<Task> matching = new ArrayList<>();
    for (NodeTask candidate : tasks.get()) {
      Task task = candidate.task();
      if (candidate.containerId().isPresent()
          && (selector.getTaskIdsList().contains(task.getId())
              || selector.getServiceIdsList().contains(task.getServiceId())
              || selector.getNodeIdsList().contains(task.getNodeId()))) {
        matching.add(task);
      }
    }
    return matching;
  }

  private void read(Task task, LogSubscriptionOptions options, Consumer<LogMessage> publish) {
    LogContext context =
        LogContext.newBuilder()
            .setNodeId(task.getNodeId())
            .setServiceId(task.getServiceId())
            .setTaskId(task.getId())
            .build();
    try (LogReader reader = logs.read(TaskContainer.id(task.getId()), query(options))) {
      Optional<LogEntry> entry = reader.next();
      while (entry.isPresent()) {
        publish.accept(message(context, entry.get()));
        entry = reader.next();
      }
    } catch (IOException failure) {
      LOG.warn("could not read the log of task {}: {}", task.getId(), failure.getMessage());
    } catch (InterruptedException closed) {
      LOG.debug("reading the log of task {} was ended", task.getId());
    } catch (StatusRuntimeException gone) {
      LOG.debug("nobody takes the log of task {} any more", task.getId());
    }
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
