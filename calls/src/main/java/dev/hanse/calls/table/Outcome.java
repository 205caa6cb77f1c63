package dev.hanse.calls.table;

import dev.hanse.model.CallOutcome;
import io.grpc.Status;

/**
 * How a call has ended.
 *
 * @param code OK if all went well
 * @param text what to tell; "" if all went well
 */
public record Outcome(Status.Code code, String text) {
  /** Longer texts are cut, so that an outcome always fits into a frame. */
  static final int TEXT_CHARACTERS_MAX = 4_096;

  /** All went well. */
  public static final Outcome OK = new Outcome(Status.Code.OK, "");

  /** Cuts the text. */
  public Outcome {
    text = text.length() > TEXT_CHARACTERS_MAX ? text.substring(0, TEXT_CHARACTERS_MAX) : text;
  }

  /** As it came; a code that nobody knows is UNKNOWN. */
  static Outcome of(CallOutcome outcome) {
    return new Outcome(Status.fromCodeValue(outcome.getCode()).getCode(), outcome.getText());
  }

  CallOutcome message() {
    return CallOutcome.newBuilder().setCode(code.value()).setText(text).build();
  }

  /** Did all go well? */
  public boolean isOk() {
    return code == Status.Code.OK;
  }
}
