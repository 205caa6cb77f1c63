package dev.hanse.manager.peers;

import com.google.protobuf.UnsafeByteOperations;
import dev.hanse.identity.server.Caller;
import dev.hanse.model.RaftGrpc;
import dev.hanse.model.RaftMessage;
import dev.hanse.raft.RatisLog;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;

/** Hands messages of other managers to the log. */
public final class RaftService extends RaftGrpc.RaftImplBase {
  private final Supplier<Optional<RatisLog>> log;

  /**
   * Creates the service.
   *
   * @param log empty as long as it is not open
   */
  public RaftService(Supplier<Optional<RatisLog>> log) {
    this.log = log;
  }

  @Override
  public void exchange(RaftMessage request, StreamObserver<RaftMessage> observer) {
    try {
      RatisLog open = log.get().orElseThrow(() -> new IOException("the log is not open yet"));
      byte[] answer = open.receive(Caller.required().nodeId(), request.getContent().toByteArray());
      observer.onNext(
          RaftMessage.newBuilder().setContent(UnsafeByteOperations.unsafeWrap(answer)).build());
      observer.onCompleted();
    } catch (IOException | RuntimeException e) {
      // Told as it is, and logged by the caller: both are managers.
      observer.onError(
          Status.UNAVAILABLE.withDescription(String.valueOf(e.getMessage())).asException());
    }
  }
}
