package dev.hanse.runtime.archive;

import com.google.protobuf.ByteString;
import dev.hanse.runtime.containerd.BlobPresent;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.ContentStore;
import dev.hanse.runtime.containerd.ContentWriter;
import dev.hanse.runtime.containerd.Lease;
import dev.hanse.runtime.content.BlobDescriptor;
import dev.hanse.runtime.content.MediaTypes;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Copies a stream of unknown digest into the content store. */
final class BlobCopy {
  private static final int MAGIC_BYTES = 4;

  private final Lease lease;
  private final ContainerdClient.Calls calls;

  BlobCopy(ContainerdClient client, Lease lease) {
    this.lease = lease;
    this.calls = client.calls(lease);
  }

  /**
   * A blob that is in the store now.
   *
   * @param layerType its media type if it is a layer, by its first bytes
   */
  record Copied(String digest, long sizeBytes, String layerType) {
    BlobDescriptor asLayer() {
      return new BlobDescriptor(layerType, digest, sizeBytes);
    }
  }

  Copied copy(InputStream source) throws IOException {
    MessageDigest hash = ContentStore.sha256();
    Start start = new Start();
    String reference = "copy-" + UUID.randomUUID();
    try (ContentWriter writer = ContentWriter.open(calls, reference, 0, Optional.empty())) {
      try {
        copy(source, writer, hash, start);
        writer.commit(Map.of());
      } catch (IOException | RuntimeException failure) {
        writer.abort();
        throw failure;
      }
    } catch (BlobPresent present) {
      // Found out at the commit: the store has these bytes already.
      lease.holdContent(hex(hash));
    }
    return new Copied(hex(hash), start.size, MediaTypes.layerType(start.bytes));
  }

  private static final class Start {
    private byte[] bytes = new byte[0];
    private long size;
  }

  private static void copy(
      InputStream source, ContentWriter writer, MessageDigest hash, Start start)
      throws IOException, BlobPresent {
    byte[] buffer = new byte[ContentWriter.PIECE_BYTES];
    for (int read = source.readNBytes(buffer, 0, buffer.length);
        read > 0;
        read = source.readNBytes(buffer, 0, buffer.length)) {
      if (start.size == 0) {
        start.bytes = Arrays.copyOf(buffer, Math.min(read, MAGIC_BYTES));
      }
      hash.update(buffer, 0, read);
      start.size += read;
      writer.write(ByteString.copyFrom(buffer, 0, read));
    }
  }

  private static String hex(MessageDigest hash) {
    try {
      return "sha256:" + HexFormat.of().formatHex(((MessageDigest) hash.clone()).digest());
    } catch (CloneNotSupportedException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
