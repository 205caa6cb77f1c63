package dev.hanse.agent.workload;

import java.util.List;

/**
 * What a maker wants of the node from now on.
 *
 * @param maker whose workloads these are; those of others are not touched
 * @param complete whether the maker wants none but these
 * @param changes in their order
 */
public record WorkloadChanges(String maker, boolean complete, List<Change> changes) {
  /** Copies the list. */
  public WorkloadChanges {
    changes = List.copyOf(changes);
  }

  /** One of them. */
  public sealed interface Change {
    /** Of the workload. */
    String id();
  }

  /**
   * It is wanted, or wanted otherwise.
   *
   * @param workload with the maker's copy of its status
   */
  public record Wanted(Workload workload) implements Change {
    @Override
    public String id() {
      return workload.id();
    }
  }

  /** It is not wanted any more. */
  public record Withdrawn(String id) implements Change {}
}
