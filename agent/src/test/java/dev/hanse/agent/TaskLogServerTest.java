package dev.hanse.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.hanse.agent.dispatch.LogServer;
import dev.hanse.agent.log.ContainerLog;
import dev.hanse.agent.log.LogOptions;
import dev.hanse.agent.log.LogSource;
import dev.hanse.agent.log.LogStore;
import dev.hanse.agent.task.TaskContainer;
import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.calls.CallException;
import dev.hanse.calls.table.CallLimits;
import dev.hanse.model.LogMessage;
import dev.hanse.model.LogPlace;
import dev.hanse.model.LogsCall;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read of tasks' logs for managers, and where it goes on after a cut. */
class TaskLogServerTest {
  private static final Instant T0 = Instant.ofEpochSecond(1_000_000);

  @TempDir Path directory;
  private final List<NodeWorkload> tasks = new CopyOnWriteArrayList<>();
  private LogStore logs;
  private TaskLogServer server;

  @BeforeEach
  void open() throws IOException {
    logs = LogStore.in(directory);
    server = new TaskLogServer(() -> tasks, logs);
  }

  /** Keeps what comes; takes no more after so many lines. */
  private static final class Reader implements LogServer.Sink {
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final BlockingQueue<List<LogPlace>> begun = new LinkedBlockingQueue<>();
    private final Map<String, LogPlace> places = new HashMap<>();
    private final int most;
    private int taken;

    Reader(int most) {
      this.most = most;
    }

    @Override
    public synchronized void places(List<LogPlace> told) {
      told.forEach(place -> places.put(place.getTaskId(), place));
      begun.add(told);
    }

    @Override
    public synchronized void lines(LogPlace next, List<LogMessage> batch) throws CallException {
      if (taken >= most) {
        throw new CallException(Status.Code.UNAVAILABLE, "cut");
      }
      assertThat(batch.stream().mapToInt(LogMessage::getSerializedSize).sum())
          .isLessThan(CallLimits.MESSAGE_BYTES_MAX - 512);
      taken += batch.size();
      places.put(next.getTaskId(), next);
      for (LogMessage line : batch) {
        assertThat(line.getContext().getTaskId()).isEqualTo(next.getTaskId());
        lines.add(line.getData().toStringUtf8().strip());
      }
    }

    synchronized LogsCall resumed(LogsCall call) {
      return call.toBuilder().setResumed(true).addAllPlaces(places.values()).build();
    }

    String next() throws InterruptedException {
      return Optional.ofNullable(lines.poll(60, TimeUnit.SECONDS)).orElseThrow();
    }
  }

  @Test
  void a_long_log_is_cut_anywhere_and_read_on_without_a_gap_or_a_repetition() throws Exception {
    ContainerLog log = begin("task1");
    List<String> written = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      // Now and then the longest line, and over several files.
      String text = i + "-" + "x".repeat(i % 50 == 0 ? 16_000 : i % 7);
      written.add(text);
      write(log, text);
    }
    logs.finish(TaskContainer.id("task1"), log, T0);
    ended("task1");
    List<String> read = new ArrayList<>();
    LogsCall call = call(false, 0);
    int calls = 0;
    boolean more = true;
    while (more) {
      Reader reader = new Reader(37);
      server.serve(call, reader);
      more = !reader.lines.isEmpty();
      reader.lines.drainTo(read);
      call = reader.resumed(call(false, 0));
      calls++;
    }
    assertThat(read).isEqualTo(written);
    assertThat(calls).isGreaterThan(3);
  }

  @Test
  void a_follower_gets_the_tail_then_what_comes_and_all_of_later_tasks() throws Exception {
    ContainerLog log = begin("task1");
    IntStream.range(0, 10).forEach(i -> write(log, "old" + i));
    Reader reader = new Reader(Integer.MAX_VALUE);
    LogsCall follow = call(true, -3);
    Thread serving = serve(follow, reader);
    assertThat(List.of(reader.next(), reader.next())).containsExactly("old8", "old9");
    write(log, "new0");
    assertThat(reader.next()).isEqualTo("new0");
    ContainerLog later = begin("task2");
    IntStream.range(0, 20).forEach(i -> write(later, "later" + i));
    for (int i = 0; i < 20; i++) {
      assertThat(reader.next()).isEqualTo("later" + i);
    }
    end(serving);

    write(log, "meanwhile");
    Reader again = new Reader(Integer.MAX_VALUE);
    Thread resumed = serve(reader.resumed(follow), again);
    assertThat(again.next()).isEqualTo("meanwhile");
    write(later, "later20");
    assertThat(again.next()).isEqualTo("later20");
    end(resumed);
    assertThat(again.lines).isEmpty();
  }

  /** As after a restart of the daemon: the task is known, and its log is opened a little later. */
  @Test
  void a_task_whose_log_opens_after_the_call_goes_on_from_its_place() throws Exception {
    ContainerLog log = begin("task1");
    write(log, "one");
    Reader reader = new Reader(Integer.MAX_VALUE);
    Thread serving = serve(call(true, 0), reader);
    assertThat(reader.next()).isEqualTo("one");
    end(serving);
    logs.close();
    logs = LogStore.in(directory);
    server = new TaskLogServer(() -> tasks, logs);
    Reader again = new Reader(Integer.MAX_VALUE);
    Thread resumed = serve(reader.resumed(call(true, 0)), again);
    assertThat(Optional.ofNullable(again.begun.poll(60, TimeUnit.SECONDS)).orElseThrow()).isEmpty();
    write(logs.open(TaskContainer.id("task1"), LogOptions.STANDARD), "two");
    assertThat(again.next()).isEqualTo("two");
    end(resumed);
  }

  private Thread serve(LogsCall call, Reader reader) {
    TaskLogServer serving = server;
    return Thread.ofVirtual()
        .start(
            () -> {
              try {
                serving.serve(call, reader);
              } catch (CallException e) {
                throw new AssertionError(e);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private static void end(Thread serving) throws InterruptedException {
    serving.interrupt();
    serving.join();
  }

  private static LogsCall call(boolean follow, long tail) {
    LogsCall.Builder call = LogsCall.newBuilder();
    call.getSelectorBuilder().addServiceIds("service");
    call.getOptionsBuilder().setFollow(follow).setTail(tail);
    return call.build();
  }

  private ContainerLog begin(String taskId) {
    ContainerLog log = logs.open(TaskContainer.id(taskId), LogOptions.STANDARD);
    tasks.add(
        new NodeWorkload(
            SwarmWorkloads.workload(
                Task.newBuilder().setId(taskId).setServiceId("service").build()),
            Optional.of(TaskContainer.id(taskId))));
    return log;
  }

  private void ended(String taskId) {
    tasks.replaceAll(
        known ->
            known.workload().id().equals(taskId)
                ? new NodeWorkload(
                    known
                        .workload()
                        .withStatus(
                            known
                                .workload()
                                .status()
                                .reached(
                                    TaskState.COMPLETE,
                                    "finished",
                                    Timestamp.getDefaultInstance())),
                    known.containerId())
                : known);
  }

  private static void write(ContainerLog log, String line) {
    try {
      log.append(LogSource.STDOUT, ByteString.copyFromUtf8(line + "\n"), T0);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
