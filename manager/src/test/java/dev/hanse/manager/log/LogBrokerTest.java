package dev.hanse.manager.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.hanse.bounds.HeapShares;
import dev.hanse.cluster.ServiceLogs;
import dev.hanse.manager.calls.NodeLinks;
import dev.hanse.model.LogContext;
import dev.hanse.model.LogMessage;
import dev.hanse.model.LogSelector;
import dev.hanse.model.LogSubscriptionOptions;
import dev.hanse.model.Node;
import dev.hanse.model.SubscriptionMessage;
import dev.hanse.model.Task;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import dev.hanse.store.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lines of a service's tasks find their reader, from nodes that know swarmkit's LogBroker only. */
final class LogBrokerTest {
  private static final LogSelector SERVICE =
      LogSelector.newBuilder().addServiceIds("service1").build();
  private static final LogSubscriptionOptions ONCE = LogSubscriptionOptions.getDefaultInstance();
  private static final LogSubscriptionOptions FOLLOW =
      LogSubscriptionOptions.newBuilder().setFollow(true).setTail(-4).build();

  private final Store store = new Store(Snapshot.empty());
  private final NodeLinks links = new NodeLinks(store);
  private final LogBroker broker = new LogBroker(links, new SplittableRandom(1));
  private final LogReaders readers = new LogReaders(store, links);
  private final BlockingQueue<SubscriptionMessage> asked = new LinkedBlockingQueue<>();

  @BeforeEach
  void nodes() {
    for (String nodeId : List.of("node1", "node2", "other")) {
      Transaction transaction = new Transaction(store.snapshot(), Timestamp.getDefaultInstance());
      transaction.put(Kind.NODE, Node.newBuilder().setId(nodeId).build());
      apply(transaction);
    }
  }

  @AfterEach
  void nothingIsLeft() {
    assertThat(readers.size()).isZero();
    assertThat(broker.size()).isZero();
    assertThat(HeapShares.NODE_CALLS.reserved()).isZero();
  }

  @Test
  void theNodesOfTheTasksAreAskedAndTheEndIsTheirEnd() throws Exception {
    put("task1", "node1");
    put("task2", "node2");
    put("task3", "");
    broker.listen("node1", asked::add);
    broker.listen("other", message -> assertThat(message).isNull());
    try (ServiceLogs logs = readers.read(SERVICE, ONCE)) {
      SubscriptionMessage question = next();
      assertThat(question.getSelector()).isEqualTo(SERVICE);
      String id = question.getId();
      assertThat(broker.buffer(id, "other")).isEmpty();
      assertThat(broker.buffer(id, "node1").orElseThrow().put(List.of(line("hello", 1)))).isTrue();
      broker.finished(id, "node1", Optional.empty());
      LogMessage taken = logs.next().orElseThrow().getFirst();
      assertThat(taken.getData().toStringUtf8()).isEqualTo("hello");
      assertThat(taken.getContext().getNodeId()).isEqualTo("node1");
      assertThat(logs.next()).isEmpty();
      assertThat(logs.missing())
          .containsExactly("node node2 is not available", "task task3 has not been scheduled");
      assertThat(broker.buffer(id, "node1")).isEmpty();
    }
  }

  @Test
  void aFollowingReaderGetsLaterTasksAndGoesOnWhereANodeWasThatComesBack() throws Exception {
    LogBroker.Door door = broker.listen("node1", asked::add);
    ServiceLogs logs = readers.read(SERVICE, FOLLOW);
    assertThat(asked).isEmpty();
    put("task1", "node1");
    SubscriptionMessage first = next();
    assertThat(first.getOptions()).isEqualTo(FOLLOW);
    put("task1", "node1");
    send(first, line("one", 1), line("two", 2));
    assertThat(texts(logs, 2)).containsExactly("one", "two");
    broker.gone(door);
    broker.listen("node1", asked::add);
    SubscriptionMessage second = next();
    assertThat(second.getOptions().getTail()).isZero();
    assertThat(second.getOptions().getSince().getSeconds()).isEqualTo(2);
    send(second, line("two", 2), line("three", 3));
    assertThat(texts(logs, 1)).containsExactly("three");
    logs.close();
    assertThat(next().getClose()).isTrue();
    assertThat(asked).isEmpty();
  }

  @Test
  void whatDoesNotFollowWaitsForTheRestOfANodeThatComesBack() throws Exception {
    put("task1", "node1");
    LogBroker.Door door = broker.listen("node1", asked::add);
    try (ServiceLogs logs = readers.read(SERVICE, ONCE)) {
      send(next(), line("one", 1));
      assertThat(texts(logs, 1)).containsExactly("one");
      broker.gone(door);
      broker.listen("node1", asked::add);
      SubscriptionMessage again = next();
      send(again, line("one", 1), line("two", 2));
      broker.finished(again.getId(), "node1", Optional.empty());
      assertThat(texts(logs, 1)).containsExactly("two");
      assertThat(logs.next()).isEmpty();
      assertThat(logs.missing()).isEmpty();
    }
  }

  @Test
  void aSlowReaderHoldsTheSenderBackAndADepartedOneFreesIt() throws Exception {
    put("task1", "node1");
    broker.listen("node1", asked::add);
    ServiceLogs logs = readers.read(SERVICE, ONCE);
    LineBuffer buffer = broker.buffer(next().getId(), "node1").orElseThrow();
    CompletableFuture<Integer> taken = new CompletableFuture<>();
    Thread sender =
        Thread.ofVirtual()
            .start(
                () -> {
                  int sent = 0;
                  try {
                    while (buffer.put(List.of(line("x".repeat(16_000), sent)))) {
                      sent++;
                    }
                  } catch (InterruptedException e) {
                    throw new AssertionError(e);
                  }
                  taken.complete(sent);
                });
    while (sender.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertThat(HeapShares.NODE_CALLS.reserved()).isLessThan(3 * 1024 * 1024);
    assertThat(taken).isNotDone();
    assertThat(texts(logs, 200)).hasSize(200);
    logs.close();
    assertThat(taken.get(60, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(200);
    assertThat(next().getClose()).isTrue();
  }

  @Test
  void aManagerThatStopsTellsItsReaders() throws Exception {
    put("task1", "node1");
    broker.listen("node1", asked::add);
    try (ServiceLogs logs = readers.read(SERVICE, FOLLOW)) {
      assertThat(next().getClose()).isFalse();
      readers.close();
      assertThat(logs.next()).isEmpty();
      assertThat(logs.missing()).containsExactly("the manager stops");
    }
    assertThat(next().getClose()).isTrue();
  }

  private void send(SubscriptionMessage question, LogMessage... lines) throws Exception {
    assertThat(broker.buffer(question.getId(), "node1").orElseThrow().put(List.of(lines))).isTrue();
  }

  private static List<String> texts(ServiceLogs logs, int count) throws Exception {
    List<String> texts = new ArrayList<>();
    while (texts.size() < count) {
      logs.next().orElseThrow().forEach(line -> texts.add(line.getData().toStringUtf8()));
    }
    return texts;
  }

  private SubscriptionMessage next() throws Exception {
    return Optional.ofNullable(asked.poll(60, TimeUnit.SECONDS)).orElseThrow();
  }

  private void put(String taskId, String nodeId) {
    Transaction transaction = new Transaction(store.snapshot(), Timestamp.getDefaultInstance());
    transaction.put(
        Kind.TASK,
        Task.newBuilder().setId(taskId).setServiceId("service1").setNodeId(nodeId).build());
    apply(transaction);
    assertThat(store.snapshot().find(Kind.TASK, taskId)).isPresent();
  }

  private void apply(Transaction transaction) {
    var unused = store.apply(transaction.changes(), store.snapshot().index() + 1);
  }

  private static LogMessage line(String text, long seconds) {
    return LogMessage.newBuilder()
        .setContext(LogContext.newBuilder().setTaskId("task1"))
        .setTimestamp(Timestamp.newBuilder().setSeconds(seconds))
        .setData(ByteString.copyFromUtf8(text))
        .build();
  }
}
