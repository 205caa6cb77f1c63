package dev.hanse.manager;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.hanse.control.Decision;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.identity.server.AccessControl.Access;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.SessionMessage;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.store.Kind;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who has a worker's certificate sends messages with anything in them to every method that it may
 * call. Each is answered with a status that means something, and the manager goes on.
 */
@Tag("attack")
@Timeout(120)
final class GarbageCallsTest {
  private static final int CALLS_OF_A_METHOD = 25;
  private static final int MESSAGES_OF_A_CALL_MAX = 4;
  private static final long CALL_MS = 60;

  /** What a fault of ours becomes. */
  private static final Set<Status.Code> FAULTS =
      EnumSet.of(Status.Code.INTERNAL, Status.Code.UNKNOWN, Status.Code.DATA_LOSS);

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(longs = {1})
  void each_method_refuses_what_makes_no_sense_and_goes_on(long seed) throws Exception {
    try (Manager manager =
            TestManager.found(
                directory.resolve("manager"), InstantSource.system(), TestManager.patient());
        TestAgent worker = TestAgent.join(manager, directory.resolve("worker"))) {
      SessionMessage session = worker.openSession();
      worker.openAssignments();
      create(manager, "before", 3);
      while (worker.tasks.size() < 3) {
        var unused = worker.takeAssignments();
      }
      List<String> known = new ArrayList<>(worker.taskIds());
      known.add(session.getSessionId());
      known.add(worker.identity.nodeId());
      known.add(manager.credentials().identity().nodeId());
      known.add(TestManager.cluster(manager).getRootCa().getJoinTokens().getWorker());
      RandomMessages messages = new RandomMessages(new Random(seed), known);
      for (MethodDescriptor<?, ?> method : open()) {
        for (int i = 0; i < CALLS_OF_A_METHOD; i++) {
          Status status = call(worker.channel, method, messages, new Random(seed + i));
          assertThat(FAULTS)
              .as("%s: %s", method.getFullMethodName(), status)
              .doesNotContain(status.getCode());
        }
      }
      assertGoesOn(manager, worker);
    }
  }

  /** The state is whole: it can be read, a service gets its tasks, and their node reports. */
  private static void assertGoesOn(Manager manager, TestAgent worker) throws Exception {
    create(manager, "after", 2);
    worker.openSessionWhenAdmitted();
    worker.assignments.clear();
    worker.openAssignments();
    List<Task> tasks = List.of();
    while (tasks.size() < 2
        || tasks.stream().anyMatch(task -> !worker.tasks.containsKey(task.getId()))) {
      var unused = worker.takeAssignments();
      tasks =
          manager.snapshot().all(Kind.TASK).stream()
              .filter(task -> task.getServiceAnnotations().getName().equals("after"))
              .toList();
    }
    String taskId = tasks.getFirst().getId();
    worker.report(TaskState.RUNNING, taskId);
    assertThat(manager.snapshot().find(Kind.TASK, taskId).orElseThrow().getStatus().getState())
        .isEqualTo(TaskState.RUNNING);
  }

  @Test
  void every_method_that_is_open_to_workers_is_among_them() {
    assertThat(open().stream().map(MethodDescriptor::getFullMethodName))
        .containsExactlyInAnyOrderElementsOf(
            MethodRules.byName().entrySet().stream()
                .filter(rule -> rule.getValue() != Access.MANAGERS)
                .map(Map.Entry::getKey)
                .toList());
  }

  private static List<MethodDescriptor<?, ?>> open() {
    return MethodRules.methods().entrySet().stream()
        .filter(rule -> rule.getValue() != Access.MANAGERS)
        .<MethodDescriptor<?, ?>>map(Map.Entry::getKey)
        .sorted(Comparator.comparing(MethodDescriptor::getFullMethodName))
        .toList();
  }

  /** How the call ends; OK for a stream that is still open after a while. */
  private static <Q, A> Status call(
      ManagedChannel channel, MethodDescriptor<Q, A> method, RandomMessages messages, Random random)
      throws Exception {
    CompletableFuture<Status> ended = new CompletableFuture<>();
    ClientCall<Q, A> call =
        channel.newCall(method, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS));
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            ended.complete(status);
          }
        },
        new Metadata());
    call.request(1_000);
    int count =
        method.getType().clientSendsOneMessage() ? 1 : random.nextInt(MESSAGES_OF_A_CALL_MAX);
    for (int i = 0; i < count; i++) {
      Message prototype =
          (Message)
              Objects.requireNonNull(
                  ((MethodDescriptor.PrototypeMarshaller<?>) method.getRequestMarshaller())
                      .getMessagePrototype());
      call.sendMessage(method.parseRequest(messages.of(prototype).toByteString().newInput()));
    }
    call.halfClose();
    Status status = ended.completeOnTimeout(Status.OK, CALL_MS, TimeUnit.MILLISECONDS).get();
    call.cancel("enough", null);
    return status;
  }

  private static void create(Manager manager, String name, int replicas) throws Exception {
    ServiceSpec.Builder spec = ServiceSpec.newBuilder();
    spec.getAnnotationsBuilder().setName(name);
    spec.getTaskBuilder().getContainerBuilder().setImage("busybox:latest");
    spec.getReplicatedBuilder().setReplicas(replicas);
    assertThat(manager.submit(new CreateService(spec.build())).get(20, TimeUnit.SECONDS))
        .isInstanceOf(Decision.Accepted.class);
  }
}
