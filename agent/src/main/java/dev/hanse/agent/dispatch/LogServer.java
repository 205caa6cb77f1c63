package dev.hanse.agent.dispatch;

import dev.hanse.calls.CallException;
import dev.hanse.model.LogMessage;
import dev.hanse.model.LogPlace;
import dev.hanse.model.LogsCall;
import java.io.IOException;
import java.util.List;

/** Reads the logs of this node's tasks for managers. */
@FunctionalInterface
public interface LogServer {
  /** Takes what is read; from any thread, waiting while the manager takes nothing. */
  interface Sink {
    /** The tasks whose logs are read, and from where; once, before all lines. */
    void places(List<LogPlace> places) throws CallException, InterruptedException;

    /**
     * Lines of one task, in order, that fit into a message.
     *
     * @param next where the line after them is
     */
    void lines(LogPlace next, List<LogMessage> lines) throws CallException, InterruptedException;
  }

  /** Reads what is asked for; returns when all is read, or, if it follows, when interrupted. */
  void serve(LogsCall call, Sink sink) throws CallException, IOException, InterruptedException;
}
