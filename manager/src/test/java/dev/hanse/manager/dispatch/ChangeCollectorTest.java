package dev.hanse.manager.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.hanse.model.ManagerStatus;
import dev.hanse.model.Node;
import dev.hanse.model.NodeStatus;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Transaction;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Which nodes have to be told something after a change. */
class ChangeCollectorTest {
  private static final Node NODE = Node.newBuilder().setId("node").build();

  private Snapshot state = Snapshot.empty();
  private final ChangeCollector collector = new ChangeCollector(state, () -> {});

  private ChangeCollector.Sum after(Consumer<Transaction> change) {
    Transaction transaction = new Transaction(state, Timestamp.getDefaultInstance());
    change.accept(transaction);
    Changes changes = transaction.changes();
    Snapshot before = state;
    state = before.preview(changes);
    collector.changed(before, state, changes);
    return collector.take();
  }

  private ChangeCollector.Sum after(Node node) {
    return after(transaction -> transaction.put(Kind.NODE, node));
  }

  private static Node manager(ManagerStatus.Builder status) {
    return NODE.toBuilder().setManagerStatus(status).build();
  }

  @Test
  void everybody_is_told_where_managers_are() {
    assertThat(after(NODE).cluster).isFalse();
    ManagerStatus.Builder status = ManagerStatus.newBuilder().setAddr("192.0.2.1:2377");
    assertThat(after(manager(status)).cluster).isTrue();
    assertThat(after(manager(status.setAddr("192.0.2.2:2377"))).cluster).isTrue();
    assertThat(after(NODE).cluster).isTrue();
    assertThat(after(manager(status)).cluster).isTrue();
    assertThat(after(transaction -> transaction.delete(Kind.NODE, "node")).cluster).isTrue();
  }

  @Test
  void how_a_manager_is_concerns_nobody_else() {
    ManagerStatus.Builder status = ManagerStatus.newBuilder().setAddr("192.0.2.1:2377");
    ChangeCollector.Sum made = after(manager(status));
    assertThat(made.nodes).containsExactly("node");
    ChangeCollector.Sum led = after(manager(status.setLeader(true)));
    assertThat(led.cluster).isFalse();
    assertThat(led.nodes).containsExactly("node");
    Node down =
        manager(status).toBuilder()
            .setStatus(NodeStatus.newBuilder().setState(NodeStatus.State.DOWN))
            .build();
    assertThat(after(down).cluster).isFalse();
  }
}
