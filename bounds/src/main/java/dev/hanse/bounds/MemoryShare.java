package dev.hanse.bounds;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * An amount of memory for one kind of buffers. Each user holds a {@link Claim} and counts there
 * what it buffers, before it does. When a share is full, room is made at the cost of claims that
 * may be cut: of those that hold at least an even part, the one that has made no progress for
 * longest. So neither who reads nor who holds little is ever cut for the sake of others.
 *
 * <p>Safe for many threads. No call blocks, or calls back with a lock held.
 */
public final class MemoryShare {
  private final long bytesMax;

  /** Claims that may be cut and hold something, that without progress for longest first. */
  private final LinkedHashSet<Claim> yielding = new LinkedHashSet<>();

  private long reserved;
  private long reservedByYielding;

  /** A share of that size. */
  public MemoryShare(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Its size, bytes. */
  public long bytesMax() {
    return bytesMax;
  }

  /** What is counted now, bytes; never more than {@link #bytesMax}. */
  public synchronized long reserved() {
    return reserved;
  }

  /** A claim that is never cut: where the bytes are being worked on. */
  public Claim firm() {
    return new Claim(Optional.empty());
  }

  /**
   * A claim that gives way to others.
   *
   * @param cut lets go of what is buffered; called once, by any thread, and must not wait. The
   *     claim is over by then.
   */
  public Claim yielding(Runnable cut) {
    return new Claim(Optional.of(cut));
  }

  /** What one user of the share has buffered. */
  public final class Claim implements AutoCloseable {
    private final Optional<Runnable> cut;
    private long held;
    private boolean over;

    private Claim(Optional<Runnable> cut) {
      this.cut = cut;
    }

    /**
     * Counts bytes that are about to be buffered.
     *
     * @return false if they may not be: the claim is over, or there is no room that could be made
     */
    public boolean grow(long bytes) {
      List<Claim> victims = new ArrayList<>();
      boolean grown;
      synchronized (MemoryShare.this) {
        grown = !over && fits(bytes) && makeRoom(bytes, victims);
        if (grown) {
          change(bytes);
        }
      }
      victims.forEach(victim -> victim.cut.ifPresent(Runnable::run));
      return grown;
    }

    /** Bytes are no longer buffered: progress was made. */
    public void shrink(long bytes) {
      synchronized (MemoryShare.this) {
        if (!over) {
          change(-Math.min(bytes, held));
        }
      }
    }

    /** Progress was made though nothing was given back: more of what is awaited has come. */
    public void moved() {
      synchronized (MemoryShare.this) {
        if (yielding.remove(this)) {
          yielding.add(this);
        }
      }
    }

    /** Gives all back; of no effect the second time. */
    @Override
    public void close() {
      synchronized (MemoryShare.this) {
        change(-held);
        over = true;
      }
    }

    /** Whether it was cut or closed. */
    public boolean isOver() {
      synchronized (MemoryShare.this) {
        return over;
      }
    }

    private boolean fits(long bytes) {
      return reserved - reservedByYielding + bytes <= bytesMax;
    }

    private boolean makeRoom(long bytes, List<Claim> victims) {
      while (reserved + bytes > bytesMax && !over) {
        Claim victim = longestWithoutProgress().orElse(this);
        victim.change(-victim.held);
        victim.over = true;
        victims.add(victim);
      }
      return !over;
    }

    private void change(long bytes) {
      held += bytes;
      reserved += bytes;
      if (cut.isPresent()) {
        reservedByYielding += bytes;
        // Growing keeps the place in the line, progress does not.
        if (bytes < 0) {
          yielding.remove(this);
        }
        if (held > 0) {
          yielding.add(this);
        }
      }
    }
  }

  private Optional<Claim> longestWithoutProgress() {
    int count = yielding.size();
    return yielding.stream().filter(claim -> claim.held * count >= reservedByYielding).findFirst();
  }
}
