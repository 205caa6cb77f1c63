package dev.hanse.sim.raft;

import dev.hanse.raft.AppliedState;
import dev.hanse.sim.raft.RaftMessage.Image;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;

/** How far a member's log is committed, and the state that it is applied to. */
final class AppliedLog {
  private final RaftDisk disk;
  private final AppliedState state;
  private final LongConsumer passed;
  private final Proposals proposals = new Proposals();
  private long committed;
  private long applied;

  /**
   * Begins with the saved state on the disk, if there is one.
   *
   * @param passed told of each entry after it was applied, before its proposer is
   */
  AppliedLog(RaftDisk disk, AppliedState state, LongConsumer passed) {
    this.disk = disk;
    this.state = state;
    this.passed = passed;
    disk.image().ifPresent(this::restore);
  }

  /** The index of the last entry that is known to be committed. */
  long committed() {
    return committed;
  }

  /** The index of the last entry that was applied. */
  long applied() {
    return applied;
  }

  /** The proposer of the entry at this index waits for it. */
  CompletableFuture<Long> await(long index) {
    return proposals.add(index);
  }

  /** Nobody waits any more: their entries may be committed all the same, by a later leader. */
  void failAll(String reason) {
    proposals.failAll(reason);
  }

  /** Puts a saved state, which is on the disk, in the place of everything. */
  void restore(Image image) {
    try {
      state.restore(image.index(), new ByteArrayInputStream(image.bytes()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    committed = image.index();
    applied = image.index();
  }

  /** Applies what the disk holds up to an index that is committed. */
  void commit(long index) {
    committed = Math.max(committed, index);
    while (applied < committed) {
      applied++;
      if (disk.entry(applied) instanceof Entry.Change change) {
        state.apply(applied, change.bytes());
      }
      passed.accept(applied);
      proposals.applied(applied);
    }
  }

  /** Saves the state and drops the entries in it, if there are so many. Returns whether it did. */
  boolean save(int entriesBeforeImage) {
    long imaged = disk.image().map(Image::index).orElse(0L);
    if (applied - imaged < entriesBeforeImage) {
      return false;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      state.save(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    disk.save(
        new Image(
            applied,
            disk.termAt(applied).orElseThrow(),
            disk.votersAt(applied),
            out.toByteArray()));
    return true;
  }
}
