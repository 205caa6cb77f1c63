package dev.hanse.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.model.Annotations;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Endpoint;
import dev.hanse.model.Node;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.ReplicatedService;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.StoreAction;
import dev.hanse.model.StoreActionKind;
import dev.hanse.model.Task;
import dev.hanse.model.TaskSpec;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Transaction;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What makes its part of a pass throw is skipped, and nothing else is. */
@Tag("attack")
class IsolationTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  /** No task has an empty id, so nothing can be written about it. */
  private static final Task POISON =
      Task.newBuilder()
          .setServiceId("a-poisoned")
          .setSlot(1)
          .setDesiredState(TaskState.RUNNING)
          .setStatus(TaskStatus.newBuilder().setState(TaskState.FAILED))
          .build();

  private static final Snapshot STATE =
      Snapshot.empty()
          .preview(
              new Changes(
                  List.of(
                      made(Kind.NODE, node()),
                      made(Kind.SERVICE, service("a-poisoned")),
                      made(Kind.SERVICE, service("web")),
                      made(Kind.TASK, POISON))));

  private static <T extends com.google.protobuf.Message> StoreAction made(Kind<T> kind, T object) {
    return kind.action(StoreActionKind.STORE_ACTION_CREATE, object);
  }

  private static Node node() {
    return Node.newBuilder()
        .setId("node")
        .setSpec(NodeSpec.newBuilder().setAvailability(NodeSpec.Availability.ACTIVE))
        .setStatus(NodeStatus.newBuilder().setState(NodeStatus.State.READY))
        .build();
  }

  private static Service service(String id) {
    return Service.newBuilder()
        .setId(id)
        .setEndpoint(Endpoint.getDefaultInstance())
        .setSpec(
            ServiceSpec.newBuilder()
                .setAnnotations(Annotations.newBuilder().setName(id))
                .setTask(
                    TaskSpec.newBuilder().setContainer(ContainerSpec.newBuilder().setImage("x")))
                .setReplicated(ReplicatedService.newBuilder().setReplicas(2)))
        .build();
  }

  private static PassResult run(RandomGenerator random, DirtyKeys dirty) {
    return new Passes().run(STATE, new Context(Times.timestamp(NOW), random), dirty);
  }

  @Test
  void a_poisoned_service_is_skipped_and_the_others_get_their_tasks() {
    PassResult result = run(new SplittableRandom(1), DirtyKeys.full());
    Snapshot after = STATE.preview(result.changes());
    assertThat(after.tasksOfService("web"))
        .hasSize(2)
        .allSatisfy(task -> assertThat(task.getStatus().getState()).isEqualTo(TaskState.ASSIGNED));
    assertThat(after.tasksOfService("a-poisoned"))
        .singleElement()
        .satisfies(
            task -> {
              assertThat(task.getStatus()).isEqualTo(POISON.getStatus());
              assertThat(task.getDesiredState()).isEqualTo(POISON.getDesiredState());
            });
    assertThat(result.faults())
        .extracting(PassFault::subject)
        .contains("service a-poisoned")
        .doesNotContain("service web");
  }

  @Test
  void a_narrowed_pass_comes_to_the_same_as_a_full_one() {
    Changes web = new Changes(List.of(made(Kind.SERVICE, service("web"))));
    DirtyKeys narrowed = new DirtyKeys();
    narrowed.add(Snapshot.empty(), STATE, web);
    PassResult full = run(new SplittableRandom(1), DirtyKeys.full());
    PassResult narrow = run(new SplittableRandom(1), narrowed);
    assertThat(narrow.changes()).isEqualTo(full.changes());
    assertThat(narrow.nextDeadline()).isEqualTo(full.nextDeadline());
    assertThat(narrow.faults()).isEmpty();
  }

  @Test
  void a_skipped_service_does_not_make_the_passes_spin() {
    Snapshot after = STATE.preview(run(new SplittableRandom(1), DirtyKeys.full()).changes());
    PassResult again =
        new Passes()
            .run(
                after,
                new Context(Times.timestamp(NOW), new SplittableRandom(2)),
                DirtyKeys.full());
    assertThat(again.changes().isEmpty()).isTrue();
    assertThat(again.nextDeadline().map(Times::instant).orElse(Instant.MAX)).isAfter(NOW);
  }

  @Test
  void an_overflow_of_the_stack_stays_with_its_service() {
    RandomGenerator overflowing =
        new RandomGenerator() {
          private final RandomGenerator rest = new SplittableRandom(1);
          private boolean thrown;

          @Override
          public long nextLong() {
            if (!thrown) {
              thrown = true;
              throw new StackOverflowError();
            }
            return rest.nextLong();
          }
        };
    Snapshot two =
        Snapshot.empty()
            .preview(
                new Changes(
                    List.of(
                        made(Kind.SERVICE, service("first")),
                        made(Kind.SERVICE, service("second")))));
    PassResult result =
        new Passes().run(two, new Context(Times.timestamp(NOW), overflowing), DirtyKeys.full());
    Snapshot after = two.preview(result.changes());
    assertThat(after.tasksOfService("first")).isEmpty();
    assertThat(after.tasksOfService("second")).hasSize(2);
    assertThat(result.faults())
        .singleElement()
        .satisfies(fault -> assertThat(fault.cause()).isInstanceOf(StackOverflowError.class));
  }

  @Test
  void what_a_failed_part_wrote_is_taken_back_and_what_came_before_stays() {
    Transaction transaction = new Transaction(STATE, Times.timestamp(NOW));
    Isolation isolation = new Isolation(transaction);
    transaction.put(Kind.SERVICE, service("before"));
    isolation.run(
        "service",
        "web",
        () -> {
          transaction.put(Kind.SERVICE, service("within"));
          transaction.delete(Kind.SERVICE, "web");
          throw new IllegalStateException("poison");
        });
    assertThat(transaction.changes().actions())
        .singleElement()
        .satisfies(action -> assertThat(action.getService().getId()).isEqualTo("before"));
    assertThat(transaction.find(Kind.SERVICE, "web")).isPresent();
  }

  @Test
  void a_broken_machine_is_not_contained() {
    Isolation isolation = new Isolation(new Transaction(STATE, Times.timestamp(NOW)));
    assertThatThrownBy(
            () ->
                isolation.run(
                    "service",
                    "web",
                    () -> {
                      throw new OutOfMemoryError("test");
                    }))
        .isInstanceOf(OutOfMemoryError.class);
  }

  @Test
  void times_beyond_all_bounds_are_taken_for_the_bounds() {
    var far = com.google.protobuf.Timestamp.newBuilder().setSeconds(Long.MAX_VALUE).build();
    assertThat(Times.instant(far)).isAfter(NOW);
    assertThat(Times.instant(far.toBuilder().setSeconds(Long.MIN_VALUE).build())).isBefore(NOW);
    var longest = com.google.protobuf.Duration.newBuilder().setSeconds(Long.MAX_VALUE).build();
    assertThat(NOW.plus(Times.duration(longest))).isAfter(NOW);
  }
}
