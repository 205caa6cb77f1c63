package dev.hanse.sim.world;

/** Faults of ours, put in on purpose: each must be found by a checker. */
public enum Sabotage {
  /** None: what is checked is what runs. */
  NONE,
  /** Members of the log answer before what they answer for is on the disk. */
  ANSWER_BEFORE_SYNC,
  /** A manager answers a write before it is committed. */
  ANSWER_BEFORE_COMMIT,
  /** A manager passes over an entry of the log. */
  SKIP_ENTRY,
  /** A saved state lacks the configs. */
  SAVE_WITHOUT_CONFIGS,
  /** What has changed is not looked at before the next full pass. */
  FORGET_CHANGES,
  /** Two services get the same virtual address. */
  GIVE_ADDRESS_TWICE,
  /** Containers that are stopped run on. */
  STOP_NOTHING,
  /** Nodes report nothing. */
  REPORT_NOTHING,
  /** A write is taken whatever version it was based on. */
  IGNORE_VERSIONS,
  /** Nodes lose one in ten of the messages about endpoints. */
  LOSE_ENDPOINTS,
  /** Nodes answer in the gossip, but look for nobody. */
  GOSSIP_IDLY,
  /** Who was once dead for the gossip is not heard any more. */
  REVIVE_NOBODY,
  /** Managers are not told what gossip says. */
  REPORT_NO_LIVENESS,
  /** Nodes lose one in three of the secrets and configs that they are given. */
  LOSE_DEPENDENCIES,
  /** Nodes keep the secrets and configs that they should not have any more. */
  KEEP_DEPENDENCIES,
  /** Demoted managers are not taken out of the log. */
  KEEP_DEMOTED_MANAGERS
}
