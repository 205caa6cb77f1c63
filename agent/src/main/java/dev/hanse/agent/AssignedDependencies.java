package dev.hanse.agent;

import dev.hanse.agent.task.Dependencies;
import dev.hanse.model.Config;
import dev.hanse.model.Secret;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The secrets and configs assigned to this node; written by the agent's loop, read by steps. */
final class AssignedDependencies implements Dependencies {
  /** Most secrets, and most configs, that a node takes. */
  static final int COUNT_MAX = 10_000;

  private final Map<String, Secret> secrets = new ConcurrentHashMap<>();
  private final Map<String, Config> configs = new ConcurrentHashMap<>();

  @Override
  public Optional<Secret> secret(String id) {
    return Optional.ofNullable(secrets.get(id));
  }

  @Override
  public Optional<Config> config(String id) {
    return Optional.ofNullable(configs.get(id));
  }

  /** Returns false when there are too many already. */
  boolean put(Secret secret) {
    return put(secrets, secret.getId(), secret);
  }

  /** Returns false when there are too many already. */
  boolean put(Config config) {
    return put(configs, config.getId(), config);
  }

  private static <T> boolean put(Map<String, T> values, String id, T value) {
    if (values.size() >= COUNT_MAX && !values.containsKey(id)) {
      return false;
    }
    values.put(id, value);
    return true;
  }

  void removeSecret(String id) {
    secrets.remove(id);
  }

  void removeConfig(String id) {
    configs.remove(id);
  }

  void clear() {
    secrets.clear();
    configs.clear();
  }
}
