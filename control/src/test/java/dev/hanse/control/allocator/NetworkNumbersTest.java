package dev.hanse.control.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.model.Driver;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.NetworkSpec;
import dev.hanse.model.StoreAction;
import dev.hanse.model.StoreActionKind;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class NetworkNumbersTest {
  private static Network network(String id, int number) {
    return Network.newBuilder()
        .setId(id)
        .setDriverState(
            Driver.newBuilder()
                .setName("overlay")
                .putOptions(NetworkNumbers.OPTION, Integer.toString(number)))
        .build();
  }

  private static Snapshot with(Network network, Task... tasks) {
    List<StoreAction> made = new ArrayList<>();
    made.add(Kind.NETWORK.action(StoreActionKind.STORE_ACTION_CREATE, network));
    for (Task task : tasks) {
      made.add(Kind.TASK.action(StoreActionKind.STORE_ACTION_CREATE, task));
    }
    return Snapshot.empty().preview(new Changes(made));
  }

  @Test
  @Tag("attack")
  void the_number_of_a_removed_network_rests_until_its_last_task_is_gone() {
    Network ingress = network("ingress", 4096);
    Task ending =
        Task.newBuilder()
            .setId("task1")
            .addNetworks(NetworkAttachment.newBuilder().setNetwork(network("removed", 4097)))
            .setStatus(TaskStatus.newBuilder().setState(TaskState.SHUTDOWN))
            .build();
    NetworkSpec any = NetworkSpec.getDefaultInstance();

    assertThat(NetworkNumbers.next(with(ingress, ending), any)).contains(4098);
    assertThat(NetworkNumbers.next(with(ingress), any)).contains(4097);

    // Who asks for it by name gets it; the node waits then.
    NetworkSpec asked =
        NetworkSpec.newBuilder()
            .setDriverConfig(Driver.newBuilder().putOptions(NetworkNumbers.OPTION, "4097"))
            .build();
    assertThat(NetworkNumbers.conflict(with(ingress, ending), asked)).isEmpty();
    assertThat(NetworkNumbers.next(with(ingress, ending), asked)).contains(4097);
  }
}
