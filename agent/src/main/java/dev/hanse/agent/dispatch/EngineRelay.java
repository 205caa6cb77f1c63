package dev.hanse.agent.dispatch;

import com.google.protobuf.ByteString;
import dev.hanse.calls.AnsweredCall;
import dev.hanse.calls.CallException;
import dev.hanse.model.CallMessage;
import dev.hanse.model.EngineCall;
import io.grpc.Status;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries a manager's calls to this node's engine to its HTTP API and back. */
record EngineRelay(EngineDoor door) {
  private static final Logger LOG = LoggerFactory.getLogger(EngineRelay.class);
  private static final Set<String> METHODS = Set.of("GET", "POST");
  private static final int CHUNK_BYTES = 16 << 10;

  /** Answers with what the API answers; returns when that is all, or the call is over. */
  void serve(EngineCall request, AnsweredCall call)
      throws CallException, IOException, InterruptedException {
    byte[] head = EngineHttp.request(check(request));
    try (SocketChannel engine = door.open()) {
      write(engine, ByteBuffer.wrap(head));
      write(engine, request.getBody().asReadOnlyByteBuffer());
      EngineHttp.Head answer = EngineHttp.readHead(engine);
      call.send(CallMessage.newBuilder().setEngineHead(answer.message()).build());
      send(call, answer.rest());
      Optional<Thread> input =
          answer.upgraded()
              ? Optional.of(
                  Thread.ofVirtual().name("engine-input").start(() -> input(call, engine)))
              : Optional.empty();
      try {
        copy(engine, call);
      } finally {
        input.ifPresent(Thread::interrupt);
      }
    } catch (ClosedByInterruptException over) {
      throw (InterruptedException) new InterruptedException("the call is over").initCause(over);
    }
  }

  private static EngineCall check(EngineCall request) throws CallException {
    if (!METHODS.contains(request.getMethod())) {
      throw new CallException(Status.Code.INVALID_ARGUMENT, "not a method for engines");
    }
    String target = request.getTarget();
    if (!target.startsWith("/") || !target.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new CallException(Status.Code.INVALID_ARGUMENT, "not the target of a request");
    }
    return request;
  }

  private static void copy(SocketChannel engine, AnsweredCall call)
      throws IOException, CallException, InterruptedException {
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES);
    while (engine.read(buffer) >= 0) {
      buffer.flip();
      send(call, buffer);
      buffer.clear();
    }
  }

  private static void send(AnsweredCall call, ByteBuffer bytes)
      throws CallException, InterruptedException {
    if (bytes.hasRemaining()) {
      call.send(CallMessage.newBuilder().setChunk(ByteString.copyFrom(bytes)).build());
    }
  }

  private static void input(AnsweredCall call, SocketChannel engine) {
    try {
      for (Optional<CallMessage> message = call.next();
          message.isPresent();
          message = call.next()) {
        write(engine, message.get().getChunk().asReadOnlyByteBuffer());
      }
      engine.shutdownOutput();
    } catch (IOException | CallException | InterruptedException over) {
      LOG.debug("input for what has ended: {}", over.getMessage());
    }
  }

  private static void write(SocketChannel engine, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      engine.write(bytes);
    }
  }
}
