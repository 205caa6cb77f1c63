package dev.hanse.runtime.containerd;

import com.google.protobuf.ByteString;
import dev.hanse.containerd.content.AbortRequest;
import dev.hanse.containerd.content.WriteAction;
import dev.hanse.containerd.content.WriteContentRequest;
import dev.hanse.containerd.content.WriteContentResponse;
import dev.hanse.runtime.RuntimeFault;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.BlockingClientCall;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Writes one blob. What was written under the same reference before and never committed is found
 * again: {@link #offset()} says how far it had come. The store checks the digest at the commit.
 */
public final class ContentWriter implements AutoCloseable {
  /** Bytes per message, well under containerd's limit of 16 MiB. */
  public static final int PIECE_BYTES = 1 << 20;

  /** After so many bytes the disk's room is looked at again. */
  private static final long LOOK_BYTES = 16 << 20;

  private static final long END_SECONDS = 10;

  private final ContainerdClient.Calls calls;
  private final BlockingClientCall<WriteContentRequest, WriteContentResponse> call;
  private final String reference;
  private final Optional<String> expected;
  private long offset;
  private long roomUntil;
  private boolean ended;

  private ContentWriter(
      ContainerdClient.Calls calls,
      BlockingClientCall<WriteContentRequest, WriteContentResponse> call,
      String reference,
      Optional<String> expected) {
    this.calls = calls;
    this.call = call;
    this.reference = reference;
    this.expected = expected;
  }

  /**
   * Begins, or goes on with, the blob of that reference.
   *
   * @param total bytes expected in all, 0 if unknown
   * @throws BlobPresent when the expected blob is in the store
   */
  public static ContentWriter open(
      ContainerdClient.Calls calls, String reference, long total, Optional<String> expected)
      throws BlobPresent {
    var writer = new ContentWriter(calls, calls.content().write(), reference, expected);
    var first =
        WriteContentRequest.newBuilder()
            .setAction(WriteAction.STAT)
            .setRef(reference)
            .setTotal(total);
    expected.ifPresent(first::setExpected);
    try {
      writer.offset = writer.exchange(first.build()).getOffset();
      writer.requireRoom(Math.max(0, total - writer.offset));
    } catch (BlobPresent | RuntimeException failure) {
      writer.close();
      throw failure;
    }
    return writer;
  }

  /** Bytes in the store so far. */
  public long offset() {
    return offset;
  }

  /** Forgets what was written: the next bytes are the first. */
  public void restart() {
    offset = 0;
  }

  /** Appends at most {@link #PIECE_BYTES} bytes. */
  public void write(ByteString bytes) throws BlobPresent {
    if (offset + bytes.size() > roomUntil) {
      requireRoom(bytes.size());
      roomUntil = offset + LOOK_BYTES;
    }
    offset =
        exchange(
                WriteContentRequest.newBuilder()
                    .setAction(WriteAction.WRITE)
                    .setOffset(offset)
                    .setData(bytes)
                    .build())
            .getOffset();
  }

  /** Ends the blob and returns its digest. A wrong digest or size is a BAD_IMAGE fault. */
  public String commit(Map<String, String> labels) throws BlobPresent {
    // The offset must be said: containerd takes 0 for "begin anew".
    var request =
        WriteContentRequest.newBuilder()
            .setAction(WriteAction.COMMIT)
            .setOffset(offset)
            .putAllLabels(labels);
    expected.ifPresent(request::setExpected);
    try {
      return exchange(request.build()).getDigest();
    } catch (StatusRuntimeException failure) {
      if (failure.getStatus().getCode() == io.grpc.Status.Code.FAILED_PRECONDITION) {
        abort();
        throw new RuntimeFault(
            RuntimeFault.Kind.BAD_IMAGE,
            "blob is not what its digest says: " + failure.getStatus().getDescription(),
            failure);
      }
      throw Faults.of("storing blob " + reference, failure);
    }
  }

  private WriteContentResponse exchange(WriteContentRequest request) throws BlobPresent {
    try {
      call.write(request);
      WriteContentResponse answer = call.read();
      if (answer == null) {
        throw new RuntimeFault(
            RuntimeFault.Kind.UNAVAILABLE, "containerd ended the writing of " + reference);
      }
      return answer;
    } catch (StatusException failure) {
      StatusRuntimeException unchecked = ContentStore.unchecked(failure);
      if (Faults.isAlreadyExists(unchecked)) {
        throw new BlobPresent(expected.orElse(reference));
      }
      if (request.getAction() == WriteAction.COMMIT) {
        throw unchecked;
      }
      throw Faults.of("writing blob " + reference, unchecked);
    } catch (InterruptedException interrupted) {
      throw ContentStore.interrupted(interrupted);
    }
  }

  private void requireRoom(long bytes) {
    calls.disk().require(bytes, "blob " + expected.orElse(reference));
  }

  /** Forgets what was written under the reference, on the disk too. */
  public void abort() {
    end();
    try {
      var unused = calls.content().abort(AbortRequest.newBuilder().setRef(reference).build());
    } catch (StatusException gone) {
      // Nothing was there to be forgotten.
      return;
    }
  }

  @Override
  public void close() {
    end();
  }

  /**
   * Lets containerd finish with the blob before it is told to forget it, or its lease ends: else it
   * writes the time of the last change into a directory that is being removed, which then stays.
   */
  private void end() {
    if (ended) {
      return;
    }
    ended = true;
    boolean interrupted = Thread.interrupted();
    try {
      call.halfClose();
      while (call.read(END_SECONDS, TimeUnit.SECONDS) != null) {
        // An answer that nobody waited for.
      }
    } catch (StatusException | TimeoutException over) {
      // It ended by itself, or does not end: not to be waited for any longer.
      call.cancel("done", over);
    } catch (InterruptedException again) {
      interrupted = true;
      call.cancel("done", again);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
