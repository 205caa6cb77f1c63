package dev.hanse.agent.task;

import dev.hanse.model.Config;
import dev.hanse.model.Secret;
import java.util.Optional;

/** The secrets and configs assigned to this node. They are held in memory only. */
public interface Dependencies {
  /** The secret of an id, if assigned. */
  Optional<Secret> secret(String id);

  /** The config of an id, if assigned. */
  Optional<Config> config(String id);
}
