package dev.hanse.manager.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.hanse.cluster.ServiceLogs;
import dev.hanse.model.LogMessage;
import dev.hanse.model.LogSelector;
import dev.hanse.model.LogSubscriptionOptions;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Lines of a service's tasks find their reader. */
final class LogBrokerTest {
  private static final LogSelector SERVICE =
      LogSelector.newBuilder().addServiceIds("service1").build();

  private final Store store = new Store(Snapshot.empty());
  private final LogBroker broker = new LogBroker(store, new SplittableRandom(1));
  private final List<SubscriptionMessage> asked = new ArrayList<>();

  @Test
  void theNodesOfTheTasksAreAskedAndTheEndIsTheirEnd() throws Exception {
    put("task1", "node1");
    put("task2", "node2");
    put("task3", "");
    broker.listen("node1", asked::add);
    broker.listen("other", message -> assertThat(message).isNull());
    ServiceLogs logs = broker.read(SERVICE, LogSubscriptionOptions.getDefaultInstance());
    assertThat(asked).hasSize(1);
    assertThat(asked.getFirst().getSelector()).isEqualTo(SERVICE);
    String id = asked.getFirst().getId();
    assertThat(broker.buffer(id, "other")).isEmpty();
    assertThat(broker.buffer(id, "node1").orElseThrow().put(lines("hello"))).isTrue();
    broker.finished(id, "node1", Optional.empty());
    assertThat(logs.next()).contains(lines("hello"));
    assertThat(logs.next()).isEmpty();
    assertThat(logs.missing())
        .containsExactly("node node2 is not available", "task task3 has not been scheduled");
    assertThat(broker.buffer(id, "node1")).isEmpty();
  }

  @Test
  void aFollowingReaderGetsLaterTasksAndNodesThatComeBack() throws Exception {
    broker.listen("node1", asked::add);
    ServiceLogs logs =
        broker.read(SERVICE, LogSubscriptionOptions.newBuilder().setFollow(true).build());
    assertThat(asked).isEmpty();
    put("task1", "node1");
    assertThat(asked).hasSize(1);
    put("task1", "node1");
    assertThat(asked).hasSize(1);
    broker.finished(asked.getFirst().getId(), "node1", Optional.empty());
    broker.listen("node1", asked::add);
    assertThat(asked).hasSize(2);
    logs.close();
    assertThat(asked).hasSize(3);
    assertThat(asked.getLast().getClose()).isTrue();
  }

  @Test
  void aNodeThatGoesAwayEndsItsPart() throws Exception {
    put("task1", "node1");
    java.util.function.Consumer<SubscriptionMessage> listener = asked::add;
    broker.listen("node1", listener);
    ServiceLogs logs = broker.read(SERVICE, LogSubscriptionOptions.getDefaultInstance());
    broker.gone("node1", listener);
    assertThat(logs.next()).isEmpty();
    assertThat(logs.missing()).containsExactly("node node1 disconnected unexpectedly");
  }

  @Test
  void aSlowReaderHoldsTheSenderBackAndADepartedOneFreesIt() throws Exception {
    put("task1", "node1");
    broker.listen("node1", asked::add);
    ServiceLogs logs = broker.read(SERVICE, LogSubscriptionOptions.getDefaultInstance());
    LineBuffer buffer = broker.buffer(asked.getFirst().getId(), "node1").orElseThrow();
    List<LogMessage> megabyte = lines("x".repeat(1024 * 1024));
    assertThat(buffer.put(megabyte)).isTrue();
    CompletableFuture<Boolean> second = put(buffer, megabyte);
    assertThat(second).isNotDone();
    assertThat(logs.next()).isPresent();
    assertThat(second).succeedsWithin(60, TimeUnit.SECONDS).isEqualTo(true);
    CompletableFuture<Boolean> third = put(buffer, megabyte);
    logs.close();
    assertThat(third).succeedsWithin(60, TimeUnit.SECONDS).isEqualTo(false);
  }

  private static CompletableFuture<Boolean> put(LineBuffer buffer, List<LogMessage> lines) {
    CompletableFuture<Boolean> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                result.complete(buffer.put(lines));
              } catch (InterruptedException e) {
                result.completeExceptionally(e);
              }
            });
    return result;
  }

  private void put(String taskId, String nodeId) {
    Transaction transaction = new Transaction(store.snapshot(), Timestamp.getDefaultInstance());
    transaction.put(
        Kind.TASK,
        Task.newBuilder().setId(taskId).setServiceId("service1").setNodeId(nodeId).build());
    Snapshot unused = store.apply(transaction.changes(), store.snapshot().index() + 1);
    assertThat(unused.find(Kind.TASK, taskId)).isPresent();
  }

  private static List<LogMessage> lines(String text) {
    return List.of(LogMessage.newBuilder().setData(ByteString.copyFromUtf8(text)).build());
  }
}
