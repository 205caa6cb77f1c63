package dev.hanse.calls.table;

import dev.hanse.model.CallMessage;

/**
 * What calls may take. Both ends know these numbers: who sends more has another idea of the
 * protocol, and loses its stream.
 */
public final class CallLimits {
  /** Of one message, bytes: a log's longest line fits twice. */
  public static final int MESSAGE_BYTES_MAX = 32 * 1024;

  /** Of a request, bytes. */
  public static final int REQUEST_BYTES_MAX = 256 * 1024;

  /** Of a frame, bytes: a request and what stands around it. Nothing longer is decoded. */
  public static final int FRAME_BYTES_MAX = REQUEST_BYTES_MAX + 1024;

  /** What a message takes of a window besides its bytes, so that empty ones are not free. */
  public static final int MESSAGE_OVERHEAD_BYTES = 128;

  /** Least window: the longest message fits. */
  public static final int WINDOW_BYTES_MIN = MESSAGE_BYTES_MAX + MESSAGE_OVERHEAD_BYTES;

  /** What a manager may send in a call that its node has not taken, bytes. */
  public static final int INPUT_WINDOW_BYTES = 64 * 1024;

  /** Most that may ever be outstanding in one direction of a call, bytes. */
  public static final int WINDOW_BYTES_MAX = 1024 * 1024;

  /** Calls of one node at a time. */
  public static final int CALLS_MAX = 1_000;

  private CallLimits() {}

  /** What a message takes of the window, bytes. */
  public static int cost(CallMessage message) {
    return message.getSerializedSize() + MESSAGE_OVERHEAD_BYTES;
  }
}
