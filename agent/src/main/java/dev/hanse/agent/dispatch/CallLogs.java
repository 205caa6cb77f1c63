package dev.hanse.agent.dispatch;

import dev.hanse.calls.AnsweredCall;
import dev.hanse.calls.CallException;
import dev.hanse.calls.table.CallLimits;
import dev.hanse.model.CallMessage;
import dev.hanse.model.LogLines;
import dev.hanse.model.LogMessage;
import dev.hanse.model.LogPlace;
import dev.hanse.model.LogPlaces;
import java.util.List;

/** What a node reads of its logs, as messages of a call. */
record CallLogs(AnsweredCall call) implements LogServer.Sink {
  /** So many places fit into a message. */
  private static final int PLACES_MAX = CallLimits.MESSAGE_BYTES_MAX / 128;

  @Override
  public void places(List<LogPlace> places) throws CallException, InterruptedException {
    int from = 0;
    do {
      int to = Math.min(from + PLACES_MAX, places.size());
      call.send(
          CallMessage.newBuilder()
              .setLogPlaces(
                  LogPlaces.newBuilder()
                      .addAllPlaces(places.subList(from, to))
                      .setMore(to < places.size()))
              .build());
      from = to;
    } while (from < places.size());
  }

  @Override
  public void lines(LogPlace next, List<LogMessage> lines)
      throws CallException, InterruptedException {
    call.send(
        CallMessage.newBuilder()
            .setLogLines(LogLines.newBuilder().setNext(next).addAllMessages(lines))
            .build());
  }
}
