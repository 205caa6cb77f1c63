package dev.hanse.manager.forward;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One call that is passed on. Each direction asks for the next message only when the other side has
 * room for it, so that at most one is held here.
 */
final class ForwardedCall {
  private final ServerCall<byte[], byte[]> from;
  private final ClientCall<byte[], byte[]> to;
  private final Line line;
  private final Flow requests;
  private final Flow answers;

  /** Why this manager has ended the call, if it has. */
  private final AtomicReference<Status> ended = new AtomicReference<>(Status.OK);

  private ForwardedCall(ServerCall<byte[], byte[]> from, ClientCall<byte[], byte[]> to, Line line) {
    this.from = from;
    this.to = to;
    this.line = line;
    this.requests = new Flow(to::isReady, () -> from.request(1));
    this.answers = new Flow(from::isReady, () -> to.request(1));
  }

  static ServerCall.Listener<byte[]> start(
      ServerCall<byte[], byte[]> from, ClientCall<byte[], byte[]> to, Line line, Metadata headers) {
    ForwardedCall call = new ForwardedCall(from, to, line);
    to.start(call.new Answers(), headers);
    line.onEnd(call::end);
    to.request(1);
    from.request(1);
    return call.new Requests();
  }

  /** Any thread; the caller is told when the leader's side has closed. */
  private void end(Status status) {
    if (ended.compareAndSet(Status.OK, status)) {
      to.cancel(status.getDescription(), null);
    }
  }

  /** From the caller to the leader; gRPC calls it from one thread at a time. */
  private final class Requests extends ServerCall.Listener<byte[]> {
    @Override
    public void onMessage(byte[] message) {
      to.sendMessage(message);
      requests.passed();
    }

    @Override
    public void onHalfClose() {
      to.halfClose();
    }

    @Override
    public void onCancel() {
      to.cancel("the caller has gone", null);
    }

    @Override
    public void onReady() {
      answers.ready();
    }
  }

  /** From the leader to the caller; gRPC calls it from one thread at a time. */
  private final class Answers extends ClientCall.Listener<byte[]> {
    private boolean headersSent;

    @Override
    public void onHeaders(Metadata headers) {
      headersSent = true;
      from.sendHeaders(headers);
    }

    @Override
    public void onMessage(byte[] message) {
      if (!headersSent) {
        onHeaders(new Metadata());
      }
      from.sendMessage(message);
      answers.passed();
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      line.close();
      Status own = ended.get();
      if (!from.isCancelled()) {
        from.close(own.isOk() ? status : own, own.isOk() ? trailers : new Metadata());
      }
    }

    @Override
    public void onReady() {
      requests.ready();
    }
  }
}
