package dev.hanse.runtime.images;

import com.google.protobuf.ByteString;
import dev.hanse.bounds.HeapShares;
import dev.hanse.bounds.KeyedTurns;
import dev.hanse.bounds.MemoryShare;
import dev.hanse.containerd.content.Info;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containerd.BlobPresent;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.ContentStore;
import dev.hanse.runtime.containerd.ContentWriter;
import dev.hanse.runtime.containerd.Lease;
import dev.hanse.runtime.content.BlobDescriptor;
import dev.hanse.runtime.content.ImageProgress;
import dev.hanse.runtime.registry.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Downloads blobs of one pull into the content store. */
final class BlobDownload {
  private static final int ATTEMPTS = 5;
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final int READ_BYTES = 256 << 10;

  /** What was read, the copy that is sent on, and what the connection has ready. */
  private static final long BUFFER_BYTES = 3L * READ_BYTES;

  private static final long REPORT_NANOS = Duration.ofMillis(100).toNanos();

  /**
   * Two pulls of one blob from one server take turns: the second finds it in the store. Another
   * server's have no part in it: neither its pace nor what it has sent is to be theirs.
   */
  private static final KeyedTurns TURNS = new KeyedTurns(1);

  private final Lease lease;
  private final ContainerdClient.Calls calls;
  private final ContentStore content;
  private final Repository repository;
  private final ImageProgress.Listener progress;

  BlobDownload(
      ContainerdClient client,
      Lease lease,
      Repository repository,
      ImageProgress.Listener progress) {
    this.lease = lease;
    this.calls = client.calls(lease);
    this.content = new ContentStore(calls);
    this.repository = repository;
    this.progress = progress;
  }

  void announce(BlobDescriptor layer) {
    progress.progressed(ImageProgress.of(layer.shortId(), "Pulling fs layer"));
  }

  /**
   * Fetches it unless it is here; tries again, from where it stopped, when the registry breaks off.
   */
  void fetch(BlobDescriptor blob, boolean layer) throws InterruptedException {
    ImageProgress.Listener listener = layer ? progress : ImageProgress.Listener.NONE;
    try (KeyedTurns.Turn _ = TURNS.await(place(blob))) {
      Optional<Info> present = content.info(blob.digest());
      if (present.isPresent()) {
        requireSize(blob, present.get().getSize());
        lease.holdContent(blob.digest());
        listener.progressed(ImageProgress.of(blob.shortId(), "Already exists"));
        return;
      }
      for (int attempt = 1; ; attempt++) {
        try {
          fetchOnce(blob, listener);
          listener.progressed(ImageProgress.of(blob.shortId(), "Download complete"));
          return;
        } catch (RuntimeFault fault) {
          boolean transientFault =
              fault.kind() == RuntimeFault.Kind.REGISTRY_UNREACHABLE
                  || fault.kind() == RuntimeFault.Kind.UNAVAILABLE;
          if (!transientFault || attempt == ATTEMPTS || Thread.currentThread().isInterrupted()) {
            throw fault;
          }
          listener.progressed(ImageProgress.of(blob.shortId(), "Retrying in 1 second"));
          Thread.sleep(PAUSE);
        }
      }
    }
  }

  /** Whoever has the blob already is told of a wrong size as whoever downloads it is. */
  private static void requireSize(BlobDescriptor blob, long bytes) {
    if (bytes != blob.sizeBytes()) {
      throw new RuntimeFault(
          RuntimeFault.Kind.BAD_IMAGE,
          "blob %s has %d bytes, not %d as declared"
              .formatted(blob.digest(), bytes, blob.sizeBytes()));
    }
  }

  /** Under this name the store keeps what has come so far. */
  private String place(BlobDescriptor blob) {
    return "blob-" + repository.server() + "-" + blob.digest();
  }

  private void fetchOnce(BlobDescriptor blob, ImageProgress.Listener listener) {
    try (MemoryShare.Claim _ = bufferMemory();
        ContentWriter writer =
            ContentWriter.open(calls, place(blob), blob.sizeBytes(), Optional.of(blob.digest()))) {
      if (writer.offset() < blob.sizeBytes()) {
        Repository.Blob answer = repository.blob(blob.digest(), writer.offset());
        if (answer.offset() == 0 && writer.offset() > 0) {
          writer.restart();
        }
        copy(answer.stream(), writer, blob, listener);
      }
      listener.progressed(ImageProgress.of(blob.shortId(), "Verifying Checksum"));
      writer.commit(Map.of());
    } catch (BlobPresent present) {
      // By another server's download, meanwhile.
      content.info(blob.digest()).ifPresent(found -> requireSize(blob, found.getSize()));
      lease.holdContent(blob.digest());
    }
  }

  private static MemoryShare.Claim bufferMemory() {
    MemoryShare.Claim memory = HeapShares.DOWNLOADS.firm();
    if (memory.grow(BUFFER_BYTES)) {
      return memory;
    }
    throw new RuntimeFault(
        RuntimeFault.Kind.UNAVAILABLE, "too many downloads are under way: try again later");
  }

  private static void copy(
      InputStream source,
      ContentWriter writer,
      BlobDescriptor blob,
      ImageProgress.Listener listener)
      throws BlobPresent {
    byte[] buffer = new byte[READ_BYTES];
    long reported = 0;
    try (source) {
      for (int read = source.readNBytes(buffer, 0, buffer.length);
          read > 0;
          read = source.readNBytes(buffer, 0, buffer.length)) {
        if (writer.offset() + read > blob.sizeBytes()) {
          throw new RuntimeFault(
              RuntimeFault.Kind.BAD_IMAGE, "blob " + blob.digest() + " is longer than declared");
        }
        writer.write(ByteString.copyFrom(buffer, 0, read));
        long now = System.nanoTime();
        if (now - reported > REPORT_NANOS) {
          reported = now;
          listener.progressed(
              ImageProgress.of(blob.shortId(), "Downloading", writer.offset(), blob.sizeBytes()));
        }
      }
    } catch (IOException failure) {
      throw new RuntimeFault(
          RuntimeFault.Kind.REGISTRY_UNREACHABLE,
          "download of " + blob.digest() + " broke off: " + failure.getMessage(),
          failure);
    }
    if (writer.offset() < blob.sizeBytes()) {
      throw new RuntimeFault(
          RuntimeFault.Kind.REGISTRY_UNREACHABLE,
          "download of "
              + blob.digest()
              + " broke off after "
              + writer.offset()
              + " of "
              + blob.sizeBytes()
              + " bytes");
    }
  }
}
