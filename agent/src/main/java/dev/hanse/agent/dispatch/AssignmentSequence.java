package dev.hanse.agent.dispatch;

import dev.hanse.model.AssignmentsMessage;

/**
 * Checks that no message of an assignments stream is missing: a COMPLETE one begins a sequence,
 * each INCREMENTAL one applies to what the one before resulted in. Pure.
 */
public final class AssignmentSequence {
  private String reached = "";
  private boolean begun;

  /** Does the message follow? If not, the stream has to be opened anew. */
  public boolean accept(AssignmentsMessage message) {
    boolean follows =
        switch (message.getType()) {
          case COMPLETE -> true;
          case INCREMENTAL -> begun && message.getAppliesTo().equals(reached);
          case UNRECOGNIZED -> false;
        };
    begun = follows;
    reached = message.getResultsIn();
    return follows;
  }
}
