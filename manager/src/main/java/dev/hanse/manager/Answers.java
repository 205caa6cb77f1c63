package dev.hanse.manager;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How gRPC services answer: a status that was thrown is told, a fault is logged and not told. */
public final class Answers {
  private static final Logger logger = LoggerFactory.getLogger(Answers.class);

  private Answers() {}

  /** Answers a call with what the supplier gives or throws. */
  public static <T> void unary(StreamObserver<T> observer, Supplier<T> answer) {
    T message;
    try {
      message = answer.get();
    } catch (RuntimeException e) {
      observer.onError(status(e).asRuntimeException());
      return;
    }
    observer.onNext(message);
    observer.onCompleted();
  }

  /** The status that an exception carries, or an internal error without its details. */
  public static Status status(RuntimeException e) {
    if (e instanceof StatusRuntimeException status) {
      return status.getStatus();
    }
    if (e instanceof CompletionException && e.getCause() instanceof StatusRuntimeException status) {
      return status.getStatus();
    }
    logger.error("a call from another node failed with an internal error", e);
    return Status.INTERNAL.withDescription("internal error");
  }
}
