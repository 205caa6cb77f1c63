package dev.hanse.cluster;

/**
 * Which of the cluster's secrets are to be replaced by new ones.
 *
 * @param workerToken with which workers join
 * @param managerToken with which managers join
 * @param unlockKey that the managers' files are locked with; nothing happens if they are not
 */
public record Rotation(boolean workerToken, boolean managerToken, boolean unlockKey) {
  /** None. */
  public static final Rotation NONE = new Rotation(false, false, false);
}
