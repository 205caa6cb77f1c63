package dev.hanse.manager.forward;

import io.grpc.Channel;
import io.grpc.Status;
import java.util.function.Consumer;

/** The room that one call to the leader takes up in a connection, until it is closed. */
final class Line implements AutoCloseable {
  private final Channel channel;
  private final Consumer<Line> closing;
  private Consumer<Status> ending = status -> {};
  private Status ended = Status.OK;

  Line(Channel channel, Consumer<Line> closing) {
    this.channel = channel;
    this.closing = closing;
  }

  Channel channel() {
    return channel;
  }

  /** Has the call ended when the leader changes; at once if it has changed already. */
  void onEnd(Consumer<Status> action) {
    Status status;
    synchronized (this) {
      ending = action;
      status = ended;
    }
    if (!status.isOk()) {
      action.accept(status);
    }
  }

  /** The leader has changed. */
  void end(Status status) {
    Consumer<Status> action;
    synchronized (this) {
      if (!ended.isOk()) {
        return;
      }
      ended = status;
      action = ending;
    }
    action.accept(status);
  }

  /** The call is over. */
  @Override
  public void close() {
    closing.accept(this);
  }
}
