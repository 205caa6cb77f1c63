package dev.hanse.control.dispatch;

import dev.hanse.control.Tasks;
import dev.hanse.model.Assignment;
import dev.hanse.model.AssignmentChange;
import dev.hanse.model.AssignmentChange.AssignmentAction;
import dev.hanse.model.Config;
import dev.hanse.model.ConfigReference;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.Secret;
import dev.hanse.model.SecretReference;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a node has to run at one state: its tasks from ASSIGNED on, dead ones too until they are
 * reaped (their containers and logs are kept so long), and the secrets and configs of those that
 * are not dead. Two of them give the difference that brings a node from one to the other.
 */
public final class Assignments {
  private static final Assignments NONE =
      new Assignments(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());

  private final Map<String, Task> tasks;
  private final Map<String, Secret> secrets;
  private final Map<String, Config> configs;

  private Assignments(
      Map<String, Task> tasks, Map<String, Secret> secrets, Map<String, Config> configs) {
    this.tasks = tasks;
    this.secrets = secrets;
    this.configs = configs;
  }

  /** Nothing to run. */
  public static Assignments none() {
    return NONE;
  }

  /** What {@code nodeId} has to run. */
  public static Assignments of(Snapshot snapshot, String nodeId) {
    return of(snapshot, nodeId, Set.of());
  }

  /**
   * What {@code nodeId} has to run, except that the tasks of {@code stopsHeldBack} are not yet told
   * to stop: other nodes may still send them connections.
   */
  public static Assignments of(Snapshot snapshot, String nodeId, Set<String> stopsHeldBack) {
    Assignments assignments = new Assignments(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
    for (Task task : snapshot.tasksOfNode(nodeId)) {
      int state = task.getStatus().getStateValue();
      if (state >= TaskState.ASSIGNED_VALUE) {
        boolean held = stopsHeldBack.contains(task.getId()) && Tasks.hasToStop(task);
        assignments.tasks.put(task.getId(), asSent(task, held));
        if (state <= TaskState.RUNNING_VALUE) {
          assignments.addDependencies(snapshot, task);
        }
      }
    }
    return assignments;
  }

  private void addDependencies(Snapshot snapshot, Task task) {
    for (SecretReference reference : task.getSpec().getContainer().getSecretsList()) {
      snapshot
          .find(Kind.SECRET, reference.getSecretId())
          .ifPresent(secret -> secrets.put(secret.getId(), secret));
    }
    for (ConfigReference reference : task.getSpec().getContainer().getConfigsList()) {
      snapshot
          .find(Kind.CONFIG, reference.getConfigId())
          .ifPresent(config -> configs.put(config.getId(), config));
    }
  }

  /**
   * The node's view of a task: without what only managers use and without what the node itself has
   * reported, so that its reports do not come back as changes.
   */
  private static Task asSent(Task task, boolean stopHeldBack) {
    Task.Builder sent = task.toBuilder().clearMeta().clearPlan();
    TaskStatus status = task.getStatus();
    // A task that died is told apart from a live one; how it lives is the node's own knowledge.
    sent.setStatus(
        status.getStateValue() > TaskState.RUNNING_VALUE
            ? status.toBuilder().clearAppliedAt().clearAppliedBy().build()
            : TaskStatus.newBuilder().setState(TaskState.ASSIGNED).build());
    for (NetworkAttachment.Builder attachment : sent.getNetworksBuilderList()) {
      attachment.getNetworkBuilder().clearAddressCursor();
    }
    if (stopHeldBack) {
      sent.setDesiredState(Tasks.goal(task));
    }
    return sent.build();
  }

  /** The tasks, by id, as the node gets them. */
  public Map<String, Task> tasks() {
    return Collections.unmodifiableMap(tasks);
  }

  /** Everything, for a node that knows nothing. Secrets and configs come before their tasks. */
  public List<AssignmentChange> complete() {
    return since(NONE);
  }

  /** What changed from {@code before} to this; empty if nothing did. */
  public List<AssignmentChange> since(Assignments before) {
    List<AssignmentChange> changes = new ArrayList<>();
    secrets.forEach(
        (id, secret) -> {
          if (!Objects.equals(secret, before.secrets.get(id))) {
            changes.add(update(Assignment.newBuilder().setSecret(secret)));
          }
        });
    configs.forEach(
        (id, config) -> {
          if (!Objects.equals(config, before.configs.get(id))) {
            changes.add(update(Assignment.newBuilder().setConfig(config)));
          }
        });
    tasks.forEach(
        (id, task) -> {
          if (!Objects.equals(task, before.tasks.get(id))) {
            changes.add(update(Assignment.newBuilder().setTask(task)));
          }
        });
    addRemovals(changes, before);
    return changes;
  }

  private void addRemovals(List<AssignmentChange> changes, Assignments before) {
    for (String id : before.tasks.keySet()) {
      if (!tasks.containsKey(id)) {
        changes.add(remove(Assignment.newBuilder().setTask(Task.newBuilder().setId(id))));
      }
    }
    for (String id : before.secrets.keySet()) {
      if (!secrets.containsKey(id)) {
        changes.add(remove(Assignment.newBuilder().setSecret(Secret.newBuilder().setId(id))));
      }
    }
    for (String id : before.configs.keySet()) {
      if (!configs.containsKey(id)) {
        changes.add(remove(Assignment.newBuilder().setConfig(Config.newBuilder().setId(id))));
      }
    }
  }

  private static AssignmentChange update(Assignment.Builder assignment) {
    return AssignmentChange.newBuilder()
        .setAction(AssignmentAction.UPDATE)
        .setAssignment(assignment)
        .build();
  }

  private static AssignmentChange remove(Assignment.Builder assignment) {
    return AssignmentChange.newBuilder()
        .setAction(AssignmentAction.REMOVE)
        .setAssignment(assignment)
        .build();
  }
}
