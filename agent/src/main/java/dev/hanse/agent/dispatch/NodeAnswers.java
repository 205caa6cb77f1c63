package dev.hanse.agent.dispatch;

import dev.hanse.calls.AnsweredCall;
import dev.hanse.calls.CallException;
import dev.hanse.calls.CallHandler;
import io.grpc.Status;
import java.io.IOException;

/**
 * What this node answers when managers call: the one table of the kinds of calls.
 *
 * @param engine asked for each call
 */
public record NodeAnswers(LogServer logs, EngineDoor engine) implements CallHandler {
  @Override
  public void answer(AnsweredCall call) throws CallException, IOException, InterruptedException {
    switch (call.request().getKindCase()) {
      case LOGS -> logs.serve(call.request().getLogs(), new CallLogs(call));
      case ENGINE -> new EngineRelay(engine).serve(call.request().getEngine(), call);
      case KIND_NOT_SET ->
          throw new CallException(
              Status.Code.UNIMPLEMENTED, "the node does not know this kind of call");
    }
  }
}
