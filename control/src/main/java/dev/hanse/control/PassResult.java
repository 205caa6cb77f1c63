package dev.hanse.control;

import com.google.protobuf.Timestamp;
import dev.hanse.store.Changes;
import java.util.List;
import java.util.Optional;

/**
 * What a pass comes to.
 *
 * @param changes to be committed; none if the state is as it should be
 * @param nextDeadline when the next pass has something to do even if nothing changes
 * @param faults what was skipped, and why
 */
public record PassResult(
    Changes changes, Optional<Timestamp> nextDeadline, List<PassFault> faults) {
  /** Copies the list. */
  public PassResult {
    faults = List.copyOf(faults);
  }

  /** Of a pass that had to skip nothing. */
  public PassResult(Changes changes, Optional<Timestamp> nextDeadline) {
    this(changes, nextDeadline, List.of());
  }
}
