package dev.hanse.control.sim;

import dev.hanse.control.Tasks;
import dev.hanse.control.Times;
import dev.hanse.control.dispatch.Assignments;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.model.UpdateTaskStatusRequest.TaskStatusUpdate;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A node without containers. What a task does is in its image's name: "broken" cannot be prepared,
 * "crash" fails a second after its start, "once" ends well a second after its start; anything else
 * runs on. Every step takes a second.
 */
public final class FakeAgent {
  private static final Duration STEP = Duration.ofSeconds(1);

  private final String nodeId;
  private final Map<String, Local> tasks = new TreeMap<>();
  private final Map<String, TaskStatus> unreported = new TreeMap<>();
  private final Set<String> outlived = new HashSet<>();
  private final Random random;
  private boolean connected = true;
  private boolean jitter;

  private static final class Local {
    private Task assigned;
    private TaskState state = TaskState.ACCEPTED;
    private Optional<Instant> next = Optional.empty();

    Local(Task assigned) {
      this.assigned = assigned;
    }
  }

  FakeAgent(String nodeId, Random random) {
    this.nodeId = nodeId;
    this.random = random;
  }

  String nodeId() {
    return nodeId;
  }

  /** Steps take up to two seconds, at random. */
  public void setJitter(boolean jitter) {
    this.jitter = jitter;
  }

  public boolean isConnected() {
    return connected;
  }

  /** Back in the swarm, it may still run what was replaced meanwhile: no fault of the manager. */
  void setConnected(boolean connected, Snapshot snapshot) {
    this.connected = connected;
    if (connected) {
      for (Task task : processes()) {
        boolean wanted = snapshot.find(Kind.TASK, task.getId()).filter(Tasks::isWanted).isPresent();
        if (!wanted) {
          outlived.add(task.getId());
        }
      }
    }
  }

  /** Whether a process was already replaced when the node came back. */
  boolean hasOutlived(Task task) {
    return outlived.contains(task.getId());
  }

  /** The tasks whose process exists here. */
  public List<Task> processes() {
    return tasks.values().stream()
        .filter(local -> local.state == TaskState.RUNNING)
        .map(local -> local.assigned)
        .toList();
  }

  /** Ends a task's process badly. */
  public void crash(String taskId, Instant now) {
    Local local = Optional.ofNullable(tasks.get(taskId)).orElseThrow();
    move(taskId, local, TaskState.FAILED, now);
  }

  void receive(Snapshot snapshot, Instant now) {
    if (!connected) {
      return;
    }
    Map<String, Task> assigned = Assignments.of(snapshot, nodeId).tasks();
    tasks.keySet().retainAll(assigned.keySet());
    unreported.keySet().retainAll(assigned.keySet());
    assigned.forEach(
        (id, task) -> {
          Local local =
              tasks.computeIfAbsent(
                  id,
                  key -> {
                    Local created = new Local(task);
                    // Tasks that were dead before the agent ever saw them stay dead.
                    if (task.getStatus().getStateValue() > TaskState.RUNNING_VALUE) {
                      created.state = task.getStatus().getState();
                    }
                    return created;
                  });
          local.assigned = task;
          if (local.next.isEmpty() && target(local) != local.state) {
            local.next = Optional.of(now.plus(step()));
          }
        });
  }

  private Duration step() {
    return jitter ? Duration.ofMillis(100 + random.nextInt(1_900)) : STEP;
  }

  Optional<Instant> nextEvent() {
    if (connected && !unreported.isEmpty()) {
      return Optional.of(Instant.EPOCH);
    }
    return tasks.values().stream().flatMap(local -> local.next.stream()).min(Instant::compareTo);
  }

  List<TaskStatusUpdate> act(Instant now) {
    tasks.forEach(
        (id, local) -> {
          if (local.next.filter(at -> !at.isAfter(now)).isPresent()) {
            local.next = Optional.empty();
            TaskState target = target(local);
            if (target != local.state) {
              move(id, local, target, now);
            }
          }
        });
    List<TaskStatusUpdate> updates = new ArrayList<>();
    if (connected) {
      unreported.forEach(
          (id, status) ->
              updates.add(TaskStatusUpdate.newBuilder().setTaskId(id).setStatus(status).build()));
      unreported.clear();
    }
    return updates;
  }

  private void move(String id, Local local, TaskState state, Instant now) {
    local.state = state;
    local.next = target(local) == state ? Optional.empty() : Optional.of(now.plus(step()));
    TaskStatus.Builder status =
        TaskStatus.newBuilder()
            .setState(state)
            .setTimestamp(Times.timestamp(now))
            .setMessage(state == TaskState.RUNNING ? "started" : "");
    if (state == TaskState.FAILED) {
      status.setErr("task: non-zero exit (1)");
    }
    unreported.put(id, status.build());
  }

  /** Where a task goes from its state; its state itself if it stays. */
  private static TaskState target(Local local) {
    if (local.state.getNumber() > TaskState.RUNNING_VALUE) {
      return local.state;
    }
    if (Tasks.hasToStop(local.assigned)) {
      return TaskState.SHUTDOWN;
    }
    String image = local.assigned.getSpec().getContainer().getImage();
    return switch (local.state) {
      case ACCEPTED -> image.startsWith("broken") ? TaskState.REJECTED : TaskState.READY;
      case READY ->
          local.assigned.getDesiredState() == Tasks.goal(local.assigned)
              ? TaskState.RUNNING
              : TaskState.READY;
      case RUNNING -> {
        if (image.startsWith("crash")) {
          yield TaskState.FAILED;
        }
        yield image.startsWith("once") ? TaskState.COMPLETE : TaskState.RUNNING;
      }
      default -> local.state;
    };
  }
}
