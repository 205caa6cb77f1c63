package dev.hanse.raft;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the log's entries are applied to. All methods but {@link #leadership} and {@link
 * #leaderChanged} are called one after the other, never concurrently.
 */
public interface AppliedState {
  /**
   * Replaces the state by a saved one: before anything is applied, and again when this member was
   * so far behind that the leader has sent it a snapshot.
   *
   * @param index of the last entry contained in it, above everything applied before
   */
  void restore(long index, InputStream saved) throws IOException;

  /**
   * Applies one committed entry. Indexes increase; some are used by the log itself and are missing
   * here. Must not block and must not fail: what an entry means was decided before it was proposed.
   */
  void apply(long index, byte[] entry);

  /** Writes the whole state as it is after the last applied entry. */
  void save(OutputStream out) throws IOException;

  /**
   * This member became the leader, with every entry of earlier leaders applied, or ceased to be.
   * Must not block.
   *
   * @param term in which it leads, above all terms told before; empty if it leads no more
   */
  void leadership(OptionalLong term);

  /**
   * Another member leads, or, if empty, nobody that this member knows of. Must not block.
   *
   * @param nodeId the leader's, perhaps this member's own
   */
  default void leaderChanged(Optional<String> nodeId) {}
}
