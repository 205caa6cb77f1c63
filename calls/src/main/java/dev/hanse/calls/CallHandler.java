package dev.hanse.calls;

import java.io.IOException;

/** Answers calls of managers, each on a thread of its own. */
@FunctionalInterface
public interface CallHandler {
  /**
   * Answers a call; when this returns it has ended well.
   *
   * @throws CallException how it ends otherwise; UNIMPLEMENTED for a request of an unknown kind
   * @throws IOException told to the manager as INTERNAL with its message
   * @throws InterruptedException if the call is over
   */
  void answer(AnsweredCall call) throws CallException, IOException, InterruptedException;
}
