package dev.hanse.agent;

import dev.hanse.agent.task.Dependencies;
import dev.hanse.model.Assignment;
import dev.hanse.model.AssignmentChange;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.Config;
import dev.hanse.model.Secret;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The secrets and configs assigned to this node; written by the agent's loop, read by steps. */
public final class AssignedDependencies implements Dependencies {
  /** Most secrets, and most configs, that a node takes. */
  static final int COUNT_MAX = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(AssignedDependencies.class);

  private final Map<String, Secret> secrets = new ConcurrentHashMap<>();
  private final Map<String, Config> configs = new ConcurrentHashMap<>();

  /** None is assigned yet. */
  public AssignedDependencies() {}

  @Override
  public Optional<Secret> secret(String id) {
    return Optional.ofNullable(secrets.get(id));
  }

  @Override
  public Optional<Config> config(String id) {
    return Optional.ofNullable(configs.get(id));
  }

  /** The ids of all that are assigned, secrets and configs together. */
  public Set<String> ids() {
    Set<String> ids = new HashSet<>(secrets.keySet());
    ids.addAll(configs.keySet());
    return ids;
  }

  /**
   * A manager has assigned or withdrawn some. What stays assigned is there at every moment: a step
   * may be reading it now.
   */
  public void assign(AssignmentsMessage message) {
    if (message.getType() == AssignmentsMessage.Type.COMPLETE) {
      Set<String> staying = new HashSet<>();
      for (AssignmentChange change : message.getChangesList()) {
        staying.add(change.getAssignment().getSecret().getId());
        staying.add(change.getAssignment().getConfig().getId());
      }
      secrets.keySet().retainAll(staying);
      configs.keySet().retainAll(staying);
    }
    message.getChangesList().forEach(this::change);
  }

  private void change(AssignmentChange change) {
    Assignment assignment = change.getAssignment();
    boolean remove = change.getAction() == AssignmentChange.AssignmentAction.REMOVE;
    switch (assignment.getItemCase()) {
      case SECRET -> {
        Secret secret = assignment.getSecret();
        if (remove) {
          secrets.remove(secret.getId());
        } else if (!put(secrets, secret.getId(), secret)) {
          LOG.error("more than {} secrets: one more is not taken", COUNT_MAX);
        }
      }
      case CONFIG -> {
        Config config = assignment.getConfig();
        if (remove) {
          configs.remove(config.getId());
        } else if (!put(configs, config.getId(), config)) {
          LOG.error("more than {} configs: one more is not taken", COUNT_MAX);
        }
      }
      case TASK, VOLUME, ITEM_NOT_SET -> {}
    }
  }

  /** Returns false when there are too many already. */
  private static <T> boolean put(Map<String, T> values, String id, T value) {
    if (values.size() >= COUNT_MAX && !values.containsKey(id)) {
      return false;
    }
    values.put(id, value);
    return true;
  }

  void clear() {
    secrets.clear();
    configs.clear();
  }
}
