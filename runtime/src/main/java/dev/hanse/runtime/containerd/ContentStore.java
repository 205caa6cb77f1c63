package dev.hanse.runtime.containerd;

import com.google.protobuf.ByteString;
import com.google.protobuf.FieldMask;
import dev.hanse.containerd.content.Info;
import dev.hanse.containerd.content.InfoRequest;
import dev.hanse.containerd.content.ReadContentRequest;
import dev.hanse.containerd.content.UpdateRequest;
import dev.hanse.runtime.RuntimeFault;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/** Blobs by digest in containerd's content store. */
public final class ContentStore {
  private static final long DOCUMENT_BYTES_MAX = 8 << 20;

  private final ContainerdClient.Calls calls;

  /** The store as seen through those calls (with or without a lease). */
  public ContentStore(ContainerdClient.Calls calls) {
    this.calls = calls;
  }

  /** What is known of a blob, if it is here. */
  public Optional<Info> info(String digest) {
    try {
      return Optional.of(
          calls.content().info(InfoRequest.newBuilder().setDigest(digest).build()).getInfo());
    } catch (StatusException failure) {
      StatusRuntimeException unchecked = unchecked(failure);
      if (Faults.isNotFound(unchecked)) {
        return Optional.empty();
      }
      throw Faults.of("looking for blob " + digest, unchecked);
    }
  }

  /** Sets labels of a blob, leaving its others; also renews a lease's hold on it. */
  public void label(String digest, Map<String, String> labels) {
    var paths = FieldMask.newBuilder();
    labels.keySet().forEach(key -> paths.addPaths("labels." + key));
    try {
      var unused =
          calls
              .content()
              .update(
                  UpdateRequest.newBuilder()
                      .setInfo(Info.newBuilder().setDigest(digest).putAllLabels(labels))
                      .setUpdateMask(paths)
                      .build());
    } catch (StatusException failure) {
      throw Faults.of("labelling blob " + digest, unchecked(failure));
    }
  }

  /** Reads a small blob (a manifest or a configuration). */
  public byte[] document(String digest) {
    Info info =
        info(digest)
            .orElseThrow(
                () -> new RuntimeFault(RuntimeFault.Kind.INTERNAL, "blob is gone: " + digest));
    if (info.getSize() > DOCUMENT_BYTES_MAX) {
      throw new RuntimeFault(RuntimeFault.Kind.BAD_IMAGE, "document too large: " + digest);
    }
    var bytes = new java.io.ByteArrayOutputStream((int) info.getSize());
    try {
      copyTo(digest, bytes);
    } catch (IOException impossible) {
      throw new RuntimeFault(RuntimeFault.Kind.INTERNAL, "reading " + digest, impossible);
    }
    return bytes.toByteArray();
  }

  /** Writes a blob's bytes to a stream. */
  public void copyTo(String digest, OutputStream target) throws IOException {
    var request = ReadContentRequest.newBuilder().setDigest(digest).build();
    BlockingClientCall<?, dev.hanse.containerd.content.ReadContentResponse> call =
        calls.content().read(request);
    try {
      for (var piece = call.read(); piece != null; piece = call.read()) {
        piece.getData().writeTo(target);
      }
    } catch (StatusException failure) {
      throw Faults.of("reading blob " + digest, unchecked(failure));
    } catch (InterruptedException interrupted) {
      throw interrupted(interrupted);
    } finally {
      call.cancel("done", null);
    }
  }

  /** Stores a small blob; it may be there already. Returns its digest. */
  public String put(byte[] bytes, Map<String, String> labels) {
    String digest = digest(bytes);
    if (info(digest).isPresent()) {
      label(digest, labels);
      return digest;
    }
    try (ContentWriter writer =
        ContentWriter.open(calls, "document-" + digest, bytes.length, Optional.of(digest))) {
      if (writer.offset() > 0) {
        writer.restart();
      }
      writer.write(ByteString.copyFrom(bytes));
      writer.commit(labels);
    } catch (BlobPresent present) {
      label(digest, labels);
    }
    return digest;
  }

  /** SHA-256 of some bytes in the form {@code sha256:…}. */
  public static String digest(byte[] bytes) {
    return digest(sha256().digest(bytes), 0);
  }

  static String digest(byte[] hash, int offset) {
    return "sha256:" + HexFormat.of().formatHex(hash, offset, hash.length);
  }

  /** A new SHA-256. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  static StatusRuntimeException unchecked(StatusException failure) {
    return failure.getStatus().asRuntimeException(failure.getTrailers());
  }

  static RuntimeFault interrupted(InterruptedException interrupted) {
    Thread.currentThread().interrupt();
    return new RuntimeFault(RuntimeFault.Kind.UNAVAILABLE, "interrupted", interrupted);
  }
}
