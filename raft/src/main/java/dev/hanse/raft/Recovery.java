package dev.hanse.raft;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.hanse.kernel.file.DurableFile;
import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.raft.log.LogDirectory;
import dev.hanse.raft.log.LogSettings;
import dev.hanse.raft.log.SegmentScan;
import dev.hanse.raft.log.SnapshotFile;
import dev.hanse.raft.log.Snapshots;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.storage.RaftStorageDirectory;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;

/**
 * Reads logs, and makes new logs of one member, while the log is closed. A new log is a directory
 * with a snapshot and nothing else, which Ratis takes for a group that has yet to be formatted; its
 * entries begin behind the snapshot, in term 1, the first that anybody is elected in.
 */
final class Recovery {
  private static final long FIRST_TERM = 1;

  private final LogSettings settings;
  private final LogDirectory files;

  Recovery(LogSettings settings) {
    this.settings = settings;
    this.files = new LogDirectory(settings.directory());
  }

  private interface Step {
    void run() throws IOException;
  }

  void readAll(AppliedState state) throws IOException {
    requireLog();
    exclusively(() -> read(state));
  }

  private void requireLog() throws IOException {
    files.recover();
    if (!files.hasLog()) {
      throw new IOException("there is no log in " + settings.directory());
    }
  }

  long rewriteAlone(AppliedState state) throws IOException {
    requireLog();
    long[] last = {-1};
    exclusively(
        () -> {
          last[0] = read(state);
          write(last[0], state::save);
        });
    files.replaceGroup();
    return last[0];
  }

  void importState(long index, InputStream saved) throws IOException {
    OwnFiles.directory(settings.directory());
    files.recover();
    if (files.hasLog()) {
      throw new IOException("there is a log in " + settings.directory() + " already");
    }
    write(index, out -> saved.transferTo(out));
    files.replaceGroup();
  }

  /** Restores and applies everything; returns the last index. */
  private long read(AppliedState state) throws IOException {
    OptionalLong snapshot = Snapshots.latestIndex(files.states());
    Optional<Path> saved = Snapshots.latest(files.states());
    if (saved.isPresent()) {
      SnapshotFile.load(
          saved.get(), settings.keys(), in -> state.restore(snapshot.getAsLong(), in));
    }
    long[] last = {snapshot.orElse(-1)};
    try {
      new SegmentScan(
              files.current(),
              snapshot,
              OptionalLong.empty(),
              entry -> {
                if (entry.getIndex() > last[0]) {
                  last[0] = entry.getIndex();
                  apply(state, entry);
                }
              })
          .run();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return last[0];
  }

  private void apply(AppliedState state, LogEntryProto entry) {
    if (entry.hasStateMachineLogEntry()) {
      try {
        byte[] sealed = entry.getStateMachineLogEntry().getLogData().toByteArray();
        state.apply(entry.getIndex(), settings.keys().open(sealed));
      } catch (IOException e) {
        throw new UncheckedIOException("entry " + entry.getIndex() + " of the log", e);
      }
    }
  }

  private void write(long index, SnapshotFile.Writer state) throws IOException {
    LogDirectory.delete(files.next());
    String name = SimpleStateMachineStorage.getSnapshotFileName(FIRST_TERM, index);
    Path states = files.next().resolve(RaftStorageDirectory.STATE_MACHINE_DIR_NAME);
    SnapshotFile.save(states.resolve(name), settings.keys().own(), state);
    // Without it Ratis takes the directory for one that has yet to be formatted.
    String meta = "term=" + FIRST_TERM + "\nvotedFor=\n";
    Path file = files.next().resolve("current").resolve("raft-meta");
    OwnFiles.directoryOf(file, OwnFiles.OWNER);
    DurableFile.replace(file, meta.getBytes(StandardCharsets.US_ASCII));
  }

  /** Holds the lock that Ratis holds while the log is open. */
  private void exclusively(Step step) throws IOException {
    Path file = files.group().resolve("in_use.lock");
    try (FileChannel channel = OwnFiles.open(file, OwnFiles.OWNER_FILE, CREATE, WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock == null) {
        throw new IOException("the log in " + settings.directory() + " is in use");
      }
      step.run();
    } catch (OverlappingFileLockException e) {
      throw new IOException("the log in " + settings.directory() + " is in use", e);
    }
  }
}
