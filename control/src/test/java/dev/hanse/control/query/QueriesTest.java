package dev.hanse.control.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.hanse.control.command.NetworkCommand.CreateNetwork;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.control.command.ServiceCommand.UpdateService;
import dev.hanse.control.scheduler.Veto;
import dev.hanse.control.sim.World;
import dev.hanse.model.Annotations;
import dev.hanse.model.NetworkSpec;
import dev.hanse.model.Node;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.Task;
import dev.hanse.model.TaskName;
import dev.hanse.model.TaskState;
import dev.hanse.model.Version;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Transaction;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two nodes, a network "front", and a service "web" of three tasks on it that all run. */
class QueriesTest {
  private final World world = new World(5);
  private String first = "";
  private String second = "";

  @BeforeEach
  void aServiceThatRuns() {
    first = world.initialize();
    second = world.join();
    world.accept(
        new CreateNetwork(NetworkSpec.newBuilder().setAnnotations(named("front")).build()));
    world.accept(new CreateService(web(spec -> {})));
    world.run(Duration.ofSeconds(10));
    assertThat(tasks()).hasSize(3).allMatch(task -> state(task) == TaskState.RUNNING);
  }

  @Test
  void a_container_is_found_by_its_id_its_name_and_the_start_of_its_id() {
    Task task = contained("t1", "ab12").toBuilder().setSlot(2).build();
    Snapshot snapshot = with(Kind.TASK, task, contained("t2", "ab34"), contained("t3", ""));
    Lookup<Task> found = new Lookup.Found<>(snapshot.find(Kind.TASK, "t1").orElseThrow());
    for (String text : List.of("ab12", "ab1", TaskName.of(task), "/" + TaskName.of(task))) {
      assertThat(TaskContainers.find(snapshot, text)).as(text).isEqualTo(found);
    }
    assertThat(TaskContainers.find(snapshot, "ab")).isEqualTo(new Lookup.Ambiguous<Task>(2));
    for (String text : List.of("", "/", "ab123", "t1", "t3", TaskName.of(contained("t3", "")))) {
      assertThat(TaskContainers.find(snapshot, text))
          .as(text)
          .isEqualTo(new Lookup.Missing<Task>());
    }
  }

  private static Task contained(String id, String container) {
    Task.Builder task =
        Task.newBuilder().setId(id).setServiceId("s").setServiceAnnotations(named("far"));
    task.getStatusBuilder().getContainerBuilder().setContainerId(container);
    return task.build();
  }

  @Test
  void an_id_goes_before_a_name_and_a_name_before_the_start_of_an_id() {
    Snapshot snapshot =
        with(Kind.SERVICE, service("abc1", "one"), service("abc2", "abc"), service("xyz", "abc1"));
    assertThat(found(Lookup.of(snapshot, Kind.SERVICE, "abc1"))).isEqualTo("abc1");
    assertThat(found(Lookup.of(snapshot, Kind.SERVICE, "abc"))).isEqualTo("abc2");
    assertThat(found(Lookup.of(snapshot, Kind.SERVICE, "x"))).isEqualTo("xyz");
    assertThat(Lookup.of(snapshot, Kind.SERVICE, "ab")).isEqualTo(new Lookup.Ambiguous<Service>(2));
    assertThat(Lookup.of(snapshot, Kind.SERVICE, "y")).isEqualTo(new Lookup.Missing<Service>());
  }

  @Test
  void nodes_of_one_name_are_ambiguous() {
    Node.Builder node = Node.newBuilder();
    node.getDescriptionBuilder().setHostname("host");
    Snapshot snapshot =
        with(Kind.NODE, node.setId("a").build(), node.setId("b").build(), node.setId("c").build());
    assertThat(Lookup.of(snapshot, Kind.NODE, "host")).isEqualTo(new Lookup.Ambiguous<Node>(3));
  }

  /** As if each task's name were compared. */
  @Test
  void a_task_is_found_by_the_name_that_users_see() {
    Snapshot snapshot = world.snapshot();
    for (Task task : snapshot.all(Kind.TASK)) {
      String name = TaskName.of(task);
      assertThat(name).startsWith("web.").endsWith("." + task.getId());
      assertThat(found(Lookup.ofTask(snapshot, name))).isEqualTo(task.getId());
      assertThat(found(Lookup.ofTask(snapshot, task.getId()))).isEqualTo(task.getId());
      assertThat(Lookup.ofTask(snapshot, "other." + task.getSlot() + "." + task.getId()))
          .isEqualTo(new Lookup.Missing<Task>());
      assertThat(Lookup.ofTask(snapshot, "web." + task.getSlot()))
          .isEqualTo(new Lookup.Missing<Task>());
    }
    Task.Builder own = Task.newBuilder().setId("t1").setAnnotations(named("mine.t2"));
    Snapshot given = with(Kind.TASK, own.build(), Task.newBuilder().setId("t2").build());
    assertThat(found(Lookup.ofTask(given, "mine.t2"))).isEqualTo("t1");
  }

  @Test
  void a_status_counts_what_runs_and_what_is_wanted() {
    assertThat(status()).isEqualTo(new ServiceStatus(3, 3, 0));
    update(spec -> spec.getReplicatedBuilder().setReplicas(5));
    world.settle();
    assertThat(status()).isEqualTo(new ServiceStatus(3, 5, 0));
    world.run(Duration.ofSeconds(10));
    assertThat(status()).isEqualTo(new ServiceStatus(5, 5, 0));
  }

  @Test
  void of_a_job_only_the_present_run_counts() {
    Service.Builder job = service("job", "job").toBuilder();
    job.getSpecBuilder().getGlobalJobBuilder();
    job.getJobStatusBuilder().setJobIteration(Version.newBuilder().setIndex(2));
    Transaction tasks =
        new Transaction(with(Kind.SERVICE, job.build()), Timestamp.getDefaultInstance());
    tasks.put(Kind.TASK, ofJob("t1", 1, TaskState.COMPLETE));
    tasks.put(Kind.TASK, ofJob("t2", 2, TaskState.COMPLETE));
    tasks.put(Kind.TASK, ofJob("t3", 2, TaskState.RUNNING));
    tasks.put(Kind.TASK, ofJob("t4", 1, TaskState.RUNNING));
    assertThat(ServiceStatus.of(tasks.snapshot(), job.build()))
        .isEqualTo(new ServiceStatus(1, 1, 1));
  }

  @Test
  void the_endpoints_of_a_service_are_its_running_tasks_on_the_network() {
    Snapshot snapshot = world.snapshot();
    String front = snapshot.findByName(Kind.NETWORK, "front").orElseThrow().getId();
    ServiceEndpoints endpoints = ServiceEndpoints.of(snapshot, web(), front);
    assertThat(endpoints.virtualAddress()).startsWith("10.").doesNotContain("/");
    assertThat(endpoints.members())
        .extracting(member -> member.task().getId())
        .containsExactlyElementsOf(tasks().stream().map(Task::getId).sorted().toList());
    assertThat(endpoints.members())
        .allMatch(member -> member.address().startsWith("10.") && !member.address().contains("/"))
        .allMatch(member -> member.nodeAddress().startsWith("192.0.2."))
        .extracting(ServiceEndpoints.Member::address)
        .doesNotHaveDuplicates()
        .doesNotContain(endpoints.virtualAddress());
    assertThat(NetworkPeer.of(snapshot, front))
        .containsExactlyInAnyOrder(
            new NetworkPeer(first, "192.0.2.1"), new NetworkPeer(second, "192.0.2.2"));

    assertThat(ServiceEndpoints.of(snapshot, web(), "other"))
        .isEqualTo(new ServiceEndpoints("", List.of(), List.of()));
    assertThat(NetworkPeer.of(snapshot, "other")).isEmpty();
  }

  @Test
  void a_rollout_has_reached_the_tasks_that_no_update_replaces() {
    assertThat(tasks()).allMatch(task -> Rollout.hasReached(world.snapshot(), task));
    update(spec -> spec.getTaskBuilder().getContainerBuilder().setImage("web:2"));
    assertThat(tasks()).noneMatch(task -> Rollout.hasReached(world.snapshot(), task));
    world.run(Duration.ofMinutes(2));
    assertThat(tasks())
        .filteredOn(task -> state(task) == TaskState.RUNNING)
        .hasSize(3)
        .allMatch(task -> Rollout.hasReached(world.snapshot(), task));
    Task orphan = tasks().iterator().next().toBuilder().setServiceId("gone").build();
    assertThat(Rollout.hasReached(world.snapshot(), orphan)).isFalse();
  }

  /** What the scheduler wrote to each task that waits is what the query says. */
  @Test
  void a_task_that_waits_is_told_why_by_each_node() {
    assertThat(tasks()).allMatch(task -> Placement.of(world.snapshot(), task).isEmpty());
    world.report(second, NodeStatus.State.DOWN, Optional.empty());
    world.settle();
    update(
        spec -> {
          spec.getReplicatedBuilder().setReplicas(4);
          spec.getTaskBuilder().getPlacementBuilder().setMaxReplicas(1);
        });
    world.settle();

    List<Task> waiting = tasks().stream().filter(task -> state(task) == TaskState.PENDING).toList();
    assertThat(waiting).isNotEmpty();
    for (Task task : waiting) {
      Placement placement = Placement.of(world.snapshot(), task).orElseThrow();
      assertThat(placement.answers())
          .containsEntry(first, Optional.of(Veto.MAX_REPLICAS))
          .containsEntry(second, Optional.of(Veto.NOT_READY));
      assertThat(placement.sentence()).isEqualTo(task.getStatus().getErr());
    }
  }

  private static Annotations named(String name) {
    return Annotations.newBuilder().setName(name).build();
  }

  private static ServiceSpec web(Consumer<ServiceSpec.Builder> change) {
    ServiceSpec.Builder spec = ServiceSpec.newBuilder().setAnnotations(named("web"));
    spec.getReplicatedBuilder().setReplicas(3);
    spec.getTaskBuilder().getContainerBuilder().setImage("web:1");
    spec.getTaskBuilder().addNetworksBuilder().setTarget("front");
    change.accept(spec);
    return spec.build();
  }

  private Service web() {
    return world.snapshot().findByName(Kind.SERVICE, "web").orElseThrow();
  }

  private void update(Consumer<ServiceSpec.Builder> change) {
    ServiceSpec.Builder spec = web().getSpec().toBuilder();
    change.accept(spec);
    long version = web().getMeta().getVersion().getIndex();
    world.accept(new UpdateService(web().getId(), version, spec.build(), false));
  }

  private ServiceStatus status() {
    return ServiceStatus.of(world.snapshot(), web());
  }

  private Collection<Task> tasks() {
    return world.snapshot().tasksOfService(web().getId());
  }

  private static TaskState state(Task task) {
    return task.getStatus().getState();
  }

  private static Service service(String id, String name) {
    Service.Builder service = Service.newBuilder().setId(id);
    service.getSpecBuilder().setAnnotations(named(name));
    return service.build();
  }

  private static Task ofJob(String id, long iteration, TaskState state) {
    Task.Builder task = Task.newBuilder().setId(id).setServiceId("job");
    task.setJobIteration(Version.newBuilder().setIndex(iteration));
    task.setDesiredState(TaskState.COMPLETE);
    task.getStatusBuilder().setState(state);
    return task.build();
  }

  @SafeVarargs
  private static <T extends com.google.protobuf.Message> Snapshot with(Kind<T> kind, T... objects) {
    Transaction transaction = new Transaction(Snapshot.empty(), Timestamp.getDefaultInstance());
    for (T object : objects) {
      transaction.put(kind, object);
    }
    return transaction.snapshot();
  }

  private static String found(Lookup<?> lookup) {
    return switch (lookup) {
      case Lookup.Found(Service service) -> service.getId();
      case Lookup.Found(Task task) -> task.getId();
      case Lookup.Found<?> _, Lookup.Missing<?> _, Lookup.Ambiguous<?> _ ->
          throw new AssertionError("not found: " + lookup);
    };
  }
}
