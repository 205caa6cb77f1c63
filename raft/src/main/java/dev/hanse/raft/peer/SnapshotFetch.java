package dev.hanse.raft.peer;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import com.google.protobuf.UnsafeByteOperations;
import dev.hanse.kernel.file.DurableFile;
import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.model.RaftEnvelope;
import dev.hanse.model.SnapshotPiece;
import dev.hanse.raft.log.LogKeys;
import dev.hanse.raft.log.SnapshotFile;
import dev.hanse.raft.log.Snapshots;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A snapshot on its way from the leader to a member that is too far behind. The member asks for one
 * piece after the other; the file takes its place only when it is complete, its checksum is right,
 * its key is known and it is on disk. Only then are older entries dropped here.
 */
public final class SnapshotFetch {
  private static final Logger log = LoggerFactory.getLogger(SnapshotFetch.class);

  /** What is sent at once. */
  static final int PIECE_BYTES = 512 * 1024;

  private static final long SNAPSHOT_BYTES_MAX = 4L * 1024 * 1024 * 1024;
  private static final int ATTEMPTS = 3;
  private static final Duration PIECE_TIMEOUT = Duration.ofSeconds(5);

  private final Peers peers;
  private final LogKeys keys;
  private final Snapshots snapshots;

  /** Fetches into these snapshots; keys that come with a piece are added to these. */
  public SnapshotFetch(Peers peers, LogKeys keys, Snapshots snapshots) {
    this.peers = peers;
    this.keys = keys;
    this.snapshots = snapshots;
  }

  /**
   * Fetches the leader's newest snapshot; blocks.
   *
   * @return what it covers
   * @throws IOException if the leader does not answer or what it sends is damaged
   */
  public TermIndex fetch(String leader) throws IOException {
    RaftEnvelope first = ask(leader, SnapshotPiece.getDefaultInstance());
    keys.add(Peers.keysOf(first));
    SnapshotPiece piece = first.getSnapshotPiece();
    TermIndex at = TermIndex.valueOf(piece.getTerm(), piece.getIndex());
    long size = piece.getSize();
    if (size <= 0 || size > SNAPSHOT_BYTES_MAX) {
      throw new IOException("manager " + leader + " announces a snapshot of " + size + " bytes");
    }
    Path file = snapshots.file(at);
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try {
      try (FileChannel out =
          OwnFiles.open(temporary, OwnFiles.OWNER_FILE, CREATE, TRUNCATE_EXISTING, WRITE)) {
        write(out, piece);
        while (out.position() < size) {
          write(out, next(leader, piece, out.position()));
        }
        out.force(true);
      }
      if (Files.size(temporary) != size) {
        throw new IOException(
            "the snapshot of manager " + leader + " does not have the announced size");
      }
      SnapshotFile.verify(temporary);
      keys.key(SnapshotFile.keyId(temporary));
      DurableFile.move(temporary, file);
    } finally {
      Files.deleteIfExists(temporary);
    }
    log.info("fetched the snapshot of entry {} from {}, {} bytes", at.getIndex(), leader, size);
    return at;
  }

  private SnapshotPiece next(String leader, SnapshotPiece first, long offset) throws IOException {
    SnapshotPiece wanted =
        SnapshotPiece.newBuilder()
            .setTerm(first.getTerm())
            .setIndex(first.getIndex())
            .setOffset(offset)
            .build();
    SnapshotPiece piece = ask(leader, wanted).getSnapshotPiece();
    if (piece.getOffset() != offset || piece.getData().isEmpty()) {
      throw new IOException(
          "manager " + leader + " has sent another piece of its snapshot than was asked for");
    }
    return piece;
  }

  private RaftEnvelope ask(String leader, SnapshotPiece wanted) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return peers.call(leader, peers.envelope().setSnapshotPiece(wanted), PIECE_TIMEOUT);
      } catch (IOException e) {
        if (attempt == ATTEMPTS || Thread.currentThread().isInterrupted()) {
          throw e;
        }
      }
    }
  }

  private static void write(FileChannel out, SnapshotPiece piece) throws IOException {
    for (ByteBuffer part : piece.getData().asReadOnlyByteBufferList()) {
      while (part.hasRemaining()) {
        out.write(part);
      }
    }
  }

  /** Reads the piece that another member asks for. */
  static SnapshotPiece read(Snapshots snapshots, SnapshotPiece wanted) throws IOException {
    TermIndex at = TermIndex.valueOf(wanted.getTerm(), wanted.getIndex());
    if (wanted.getIndex() == 0) {
      SingleFileSnapshotInfo latest = snapshots.getLatestSnapshot();
      if (latest == null) {
        throw new IOException("no snapshot was taken yet");
      }
      at = latest.getTermIndex();
    }
    try (FileChannel in = OwnFiles.existing(snapshots.file(at))) {
      long size = in.size();
      if (wanted.getOffset() < 0 || wanted.getOffset() >= size) {
        throw new IOException("snapshot of " + size + " bytes has no byte " + wanted.getOffset());
      }
      int length = (int) Math.min(PIECE_BYTES, size - wanted.getOffset());
      ByteBuffer data = ByteBuffer.allocate(length);
      while (data.hasRemaining()) {
        if (in.read(data, wanted.getOffset() + data.position()) < 0) {
          throw new IOException("snapshot of entry " + at.getIndex() + " ended early");
        }
      }
      return SnapshotPiece.newBuilder()
          .setTerm(at.getTerm())
          .setIndex(at.getIndex())
          .setOffset(wanted.getOffset())
          .setSize(size)
          .setData(UnsafeByteOperations.unsafeWrap(data.flip()))
          .build();
    } catch (NoSuchFileException e) {
      throw new IOException("the snapshot of entry " + at.getIndex() + " was replaced", e);
    }
  }
}
