package dev.hanse.manager;

import static dev.hanse.manager.TestGroup.node;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.hanse.calls.AnsweredCall;
import dev.hanse.calls.CallException;
import dev.hanse.cluster.Rotation;
import dev.hanse.cluster.ServiceLogs;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.control.command.ServiceCommand.UpdateService;
import dev.hanse.manager.loop.ControlStep;
import dev.hanse.model.Annotations;
import dev.hanse.model.CallMessage;
import dev.hanse.model.Cluster;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.LogLines;
import dev.hanse.model.LogMessage;
import dev.hanse.model.LogPlace;
import dev.hanse.model.LogPlaces;
import dev.hanse.model.LogSelector;
import dev.hanse.model.LogSubscriptionOptions;
import dev.hanse.model.LogsCall;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.ReplicatedService;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.Task;
import dev.hanse.model.TaskSpec;
import dev.hanse.model.TaskState;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster of several managers as its users and nodes see it. */
final class SeveralManagersTest {
  @TempDir Path directory;

  @Test
  void any_manager_takes_writes_and_shows_them_at_once() throws Exception {
    try (TestGroup group = TestGroup.of(directory, 3)) {
      Manager two = group.followers().getFirst();
      Service made =
          (Service) accepted(two.submit(new CreateService(web(1)))).result().orElseThrow();
      Service seen = two.snapshot().find(Kind.SERVICE, made.getId()).orElseThrow();
      assertThat(seen.getSpec()).isEqualTo(web(1));
      assertThat(rejection(two.submit(new CreateService(web(1)))))
          .isEqualTo(rejection(group.leader().submit(new CreateService(web(1)))));
      long version = seen.getMeta().getVersion().getIndex();
      UpdateService update = new UpdateService(seen.getId(), version, web(0), false);
      accepted(two.submit(update));
      assertThat(rejection(two.submit(update)).message()).isEqualTo("update out of sequence");

      Cluster before = two.snapshot().cluster().orElseThrow();
      accepted(
          two.updateCluster(
              before.getMeta().getVersion().getIndex(),
              before.getSpec(),
              new Rotation(true, false, false)));
      Cluster after = two.snapshot().cluster().orElseThrow();
      assertThat(after.getRootCa().getJoinTokens().getWorker())
          .isNotEqualTo(before.getRootCa().getJoinTokens().getWorker());
      try (ServiceLogs logs =
          two.logs(
              LogSelector.newBuilder().addServiceIds(seen.getId()).build(),
              LogSubscriptionOptions.getDefaultInstance())) {
        assertThat(logs.next()).isEmpty();
      }
    }
  }

  @Test
  void when_the_leader_goes_nodes_and_writes_move_and_tasks_stay() throws Exception {
    try (TestGroup group = TestGroup.of(directory, 3)) {
      Manager one = group.leader();
      Manager two = group.followers().getFirst();
      Manager three = group.followers().getLast();
      try (TestAgent agent = TestAgent.join(one, two.advertised(), directory.resolve("worker"))) {
        agent.openSession();
        agent.openAssignments();
        agent.takeAssignments();
        Service web =
            (Service) accepted(three.submit(new CreateService(web(2)))).result().orElseThrow();
        while (agent.tasks.size() < 2) {
          agent.takeAssignments();
        }
        agent.report(TaskState.RUNNING, agent.taskIds().toArray(String[]::new));
        List<String> tasks = List.copyOf(agent.taskIds());

        group.stop(one);
        assertThat(TestAgent.next(agent.failures)).isNotNull();
        TestGroup.await(
            two,
            state ->
                node(state, two).getManagerStatus().getLeader()
                    || node(state, three).getManagerStatus().getLeader());
        agent.openSession();
        TestGroup.await(
            three,
            state ->
                state.find(Kind.NODE, agent.identity.nodeId()).orElseThrow().getStatus().getState()
                    == NodeStatus.State.READY);
        agent.openAssignments();
        agent.takeAssignments();
        assertThat(agent.taskIds()).containsExactlyInAnyOrderElementsOf(tasks);
        for (Manager manager : List.of(two, three)) {
          ServiceSpec more =
              web(0).toBuilder()
                  .setAnnotations(
                      Annotations.newBuilder().setName("of-" + manager.advertised().split(":")[1]))
                  .build();
          accepted(manager.submit(new CreateService(more)));
          assertThat(manager.snapshot().findByName(Kind.SERVICE, more.getAnnotations().getName()))
              .isPresent();
        }
        assertThat(running(two.snapshot(), web)).containsExactlyInAnyOrderElementsOf(tasks);
      }
    }
  }

  /** The node is asked by way of the leader, for a manager that follows, over another that does. */
  @Test
  void logs_that_are_followed_go_on_where_they_were_when_the_leader_goes() throws Exception {
    try (TestGroup group = TestGroup.of(directory, 3)) {
      Manager one = group.leader();
      Manager two = group.followers().getFirst();
      Manager three = group.followers().getLast();
      try (TestAgent agent = TestAgent.join(one, two.advertised(), directory.resolve("worker"))) {
        NumberedLines log = new NumberedLines();
        AnsweringNode node =
            AnsweringNode.open(agent.channel, agent.openSession().getSessionId(), log::answer);
        agent.openAssignments();
        Service web =
            (Service) accepted(three.submit(new CreateService(web(1)))).result().orElseThrow();
        while (agent.tasks.isEmpty()) {
          agent.takeAssignments();
        }
        try (ServiceLogs logs =
            three.logs(
                LogSelector.newBuilder().addServiceIds(web.getId()).build(),
                LogSubscriptionOptions.newBuilder().setFollow(true).setTail(-1).build())) {
          log.write(100);
          List<String> read = new ArrayList<>();
          while (read.size() < 100) {
            logs.next().orElseThrow().forEach(line -> read.add(line.getData().toStringUtf8()));
          }
          group.stop(one);
          log.write(100);
          assertThat(node.ended.get(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS).isOk()).isFalse();
          TestGroup.await(two, state -> leads(state, two) || leads(state, three));
          AnsweringNode again =
              AnsweringNode.open(agent.channel, agent.openSession().getSessionId(), log::answer);
          while (read.size() < 200) {
            logs.next().orElseThrow().forEach(line -> read.add(line.getData().toStringUtf8()));
          }
          assertThat(read)
              .containsExactlyElementsOf(
                  IntStream.range(0, 200).mapToObj(number -> "line " + number).toList());
          logs.close();
          assertThat(TestAgent.next(again.ends)).isEqualTo("over");
          assertThat(log.calls).hasSize(2);
          assertThat(log.calls.getLast().getResumed()).isTrue();
        }
      }
    }
  }

  private static boolean leads(Snapshot state, Manager manager) {
    return node(state, manager).getManagerStatus().getLeader();
  }

  /** A task's log whose places are the numbers of its lines. */
  private static final class NumberedLines {
    private final List<LogsCall> calls = new CopyOnWriteArrayList<>();
    private long written;

    synchronized void write(int lines) {
      written += lines;
      notifyAll();
    }

    void answer(AnsweredCall call) throws CallException, InterruptedException {
      LogsCall logs = call.request().getLogs();
      calls.add(logs);
      long next = logs.getResumed() ? logs.getPlaces(0).getOffset() : 0;
      call.send(
          CallMessage.newBuilder()
              .setLogPlaces(LogPlaces.newBuilder().addPlaces(place(next)))
              .build());
      while (true) {
        await(next);
        LogMessage line =
            LogMessage.newBuilder().setData(ByteString.copyFromUtf8("line " + next++)).build();
        call.send(
            CallMessage.newBuilder()
                .setLogLines(LogLines.newBuilder().setNext(place(next)).addMessages(line))
                .build());
      }
    }

    private synchronized void await(long line) throws InterruptedException {
      while (written <= line) {
        wait();
      }
    }

    private static LogPlace place(long next) {
      return LogPlace.newBuilder().setTaskId("task").setOffset(next).build();
    }
  }

  private static List<String> running(Snapshot snapshot, Service service) {
    return snapshot.tasksOfService(service.getId()).stream()
        .filter(task -> task.getStatus().getState() == TaskState.RUNNING)
        .map(Task::getId)
        .toList();
  }

  @Test
  void every_manager_saves_its_log_as_the_specification_says() throws Exception {
    try (TestGroup group = TestGroup.of(directory, 3)) {
      Cluster before = group.leader().snapshot().cluster().orElseThrow();
      ClusterSpec.Builder spec = before.getSpec().toBuilder();
      spec.getRaftBuilder().setSnapshotInterval(5).setKeepOldSnapshots(2);
      accepted(
          group
              .followers()
              .getFirst()
              .updateCluster(
                  before.getMeta().getVersion().getIndex(),
                  spec.build(),
                  new Rotation(false, false, false)));
      for (int i = 0; !allSaved(3); i++) {
        assertThat(i).as("entries").isLessThan(1_000);
        ServiceSpec service =
            web(0).toBuilder().setAnnotations(Annotations.newBuilder().setName("s" + i)).build();
        accepted(group.leader().submit(new CreateService(service)));
      }
    }
  }

  private boolean allSaved(int states) throws IOException {
    for (int manager = 0; manager < 3; manager++) {
      try (Stream<Path> files = Files.walk(directory.resolve("manager" + manager))) {
        Predicate<String> saved = Pattern.compile("snapshot\\.\\d+_\\d+").asMatchPredicate();
        if (files.filter(file -> saved.test(file.getFileName().toString())).count() != states) {
          return false;
        }
      } catch (UncheckedIOException e) {
        return false; // An old one was just removed.
      }
    }
    return true;
  }

  @Test
  void without_a_majority_the_rest_is_read_only_and_says_why() throws Exception {
    try (TestGroup group = TestGroup.of(directory, 3)) {
      accepted(group.manager(0).submit(new CreateService(web(0))));
      ServiceSpec other =
          web(0).toBuilder().setAnnotations(Annotations.newBuilder().setName("other")).build();
      Manager three = group.manager(2);
      TestGroup.await(three, state -> state.findByName(Kind.SERVICE, "web").isPresent());
      group.stop(group.manager(1));
      group.stop(group.manager(0));
      Rejection refusal = rejection(three.submit(new CreateService(other)));
      while (!refusal.equals(new Rejection.Unavailable(ControlStep.NO_LEADER))) {
        // Until it has noticed that the last leader is gone.
        assertThat(refusal).isInstanceOf(Rejection.Unavailable.class);
        refusal = rejection(three.submit(new CreateService(other)));
      }
      assertThat(three.submit(new CreateService(other)))
          .succeedsWithin(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS);
      assertThat(three.snapshot().findByName(Kind.SERVICE, "web")).isPresent();
    }
  }

  private static Decision.Accepted accepted(CompletableFuture<Decision> answer) throws Exception {
    return switch (answer.get(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS)) {
      case Decision.Accepted accepted -> accepted;
      case Decision.Refused refused -> throw new AssertionError(refused.rejection());
    };
  }

  private static Rejection rejection(CompletableFuture<Decision> answer) throws Exception {
    return switch (answer.get(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS)) {
      case Decision.Accepted accepted -> throw new AssertionError("accepted");
      case Decision.Refused(Rejection rejection) -> rejection;
    };
  }

  private static ServiceSpec web(int replicas) {
    return ServiceSpec.newBuilder()
        .setAnnotations(Annotations.newBuilder().setName("web"))
        .setTask(
            TaskSpec.newBuilder()
                .setContainer(ContainerSpec.newBuilder().setImage("busybox:latest")))
        .setReplicated(ReplicatedService.newBuilder().setReplicas(replicas))
        .build();
  }
}
