package dev.hanse.manager.loop;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.hanse.control.Decision;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.ConfigCommand.CreateConfig;
import dev.hanse.control.command.TaskCommand.UpdateTaskStatuses;
import dev.hanse.health.Health;
import dev.hanse.model.Annotations;
import dev.hanse.model.ConfigSpec;
import dev.hanse.model.InternalRaftRequest;
import dev.hanse.model.ReplicatedService;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.StoreAction;
import dev.hanse.model.StoreActionKind;
import dev.hanse.model.Task;
import dev.hanse.model.TaskSpec;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.model.UpdateTaskStatusRequest.TaskStatusUpdate;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.time.InstantSource;
import java.util.AbstractList;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Nothing that is asked for, and nothing that lies in the state, ends the control loop. */
@Tag("attack")
final class UnendableLoopTest {
  private final Store store = new Store(Snapshot.empty());
  private final ControlLoop loop =
      new ControlLoop(new Health(), store, InstantSource.system(), new SplittableRandom(1));

  @AfterEach
  void stop() {
    loop.close();
  }

  @Test
  void a_decision_that_overflows_the_stack_rejects_its_command_and_nothing_else() throws Exception {
    loop.start(new ScriptedLog(loop.state()), term -> {});
    Command overflowing =
        new UpdateTaskStatuses(
            "node",
            new AbstractList<>() {
              @Override
              public TaskStatusUpdate get(int index) {
                throw new StackOverflowError();
              }

              @Override
              public int size() {
                return 1;
              }
            });
    for (int round = 0; round < 3; round++) {
      assertThat(answer(overflowing))
          .isInstanceOfSatisfying(
              Decision.Refused.class,
              refused -> assertThat(refused.rejection().message()).contains("StackOverflowError"));
      assertThat(answer(config("config" + round))).isInstanceOf(Decision.Accepted.class);
    }
    assertThat(loop.isLeading()).isTrue();
  }

  @Test
  void a_leader_that_finds_a_poisoned_object_at_its_election_goes_on_deciding() throws Exception {
    // No task has an empty id, so what has to be written about this one cannot be.
    loop.state()
        .apply(
            1,
            InternalRaftRequest.newBuilder()
                .setId(1)
                .addAction(created(Kind.SERVICE, service("a-poisoned")))
                .addAction(created(Kind.SERVICE, service("web")))
                .addAction(
                    created(
                        Kind.TASK,
                        Task.newBuilder()
                            .setServiceId("a-poisoned")
                            .setSlot(1)
                            .setDesiredState(TaskState.RUNNING)
                            .setStatus(TaskStatus.newBuilder().setState(TaskState.FAILED))
                            .build()))
                .build());
    loop.start(new ScriptedLog(loop.state()), term -> {});
    assertThat(answer(config("one"))).isInstanceOf(Decision.Accepted.class);
    assertThat(answer(config("two"))).isInstanceOf(Decision.Accepted.class);
    assertThat(store.snapshot().tasksOfService("web")).hasSize(1);
    assertThat(loop.isLeading()).isTrue();
  }

  @Test
  void a_step_that_throws_between_its_decisions_is_followed_by_another() throws Exception {
    AtomicBoolean thrown = new AtomicBoolean();
    loop.start(
        new ScriptedLog(loop.state()),
        term -> {
          if (thrown.compareAndSet(false, true)) {
            throw new StackOverflowError();
          }
        });
    Decision first = answer(config("one"));
    Decision second =
        first instanceof Decision.Accepted ? answer(config("two")) : answer(config("one"));
    assertThat(thrown).isTrue();
    assertThat(second).isInstanceOf(Decision.Accepted.class);
    assertThat(loop.isLeading()).isTrue();
  }

  private Decision answer(Command command) throws Exception {
    return loop.submit(command).get(60, TimeUnit.SECONDS);
  }

  private static Command config(String name) {
    return new CreateConfig(
        ConfigSpec.newBuilder()
            .setAnnotations(Annotations.newBuilder().setName(name))
            .setData(ByteString.copyFromUtf8("data"))
            .build());
  }

  private static Service service(String id) {
    return Service.newBuilder()
        .setId(id)
        .setSpec(
            ServiceSpec.newBuilder()
                .setAnnotations(Annotations.newBuilder().setName(id))
                .setTask(TaskSpec.getDefaultInstance())
                .setReplicated(ReplicatedService.newBuilder().setReplicas(1)))
        .build();
  }

  private static <T extends com.google.protobuf.Message> StoreAction created(
      Kind<T> kind, T object) {
    return kind.action(StoreActionKind.STORE_ACTION_CREATE, object);
  }
}
