package dev.hanse.node;

/**
 * Decides when the whole heap is worth collecting. The serial collector lets the old generation
 * grow up to the heap's limit before it collects it, so what survives young collections by chance
 * would in the end make the daemon as large as it may become. Collecting when the heap has more
 * than doubled costs about a millisecond per megabyte in use, and rarely happens in a calm cluster.
 */
final class HeapKeeper {
  private static final long GROWTH_BYTES_MIN = 32L << 20;

  private long usedThen;

  /**
   * @param used bytes in use now, garbage included
   */
  HeapKeeper(long used) {
    this.usedThen = used;
  }

  /** Whether so many bytes in use are far more than after the last collection. */
  boolean isDue(long used) {
    return used > usedThen + Math.max(usedThen, GROWTH_BYTES_MIN);
  }

  /** The heap was collected; so many bytes are in use since. */
  void collected(long used) {
    usedThen = used;
  }

  /** Collects the heap of this virtual machine if it is due. */
  void look() {
    if (isDue(used())) {
      System.gc();
      collected(used());
    }
  }

  /** Bytes of this virtual machine's heap in use, garbage included. */
  static long used() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
