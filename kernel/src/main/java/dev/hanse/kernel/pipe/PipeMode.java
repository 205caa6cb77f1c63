package dev.hanse.kernel.pipe;

import dev.hanse.kernel.Descriptors;

/** How a FIFO is opened (fifo(7)). */
public enum PipeMode {
  /**
   * For one direction. A reader gets its end of file when the last writer is gone, and none before
   * the first came; opening for writing fails with ENXIO while there is no reader.
   */
  ONE_WAY(Descriptors.O_RDONLY, Descriptors.O_WRONLY),
  /**
   * For both directions, of which one is used: a reader gets no end of file while there is no
   * writer, and writing works before there is a reader.
   */
  KEEP_OPEN(Descriptors.O_RDWR, Descriptors.O_RDWR);

  private final int reading;
  private final int writing;

  PipeMode(int reading, int writing) {
    this.reading = reading;
    this.writing = writing;
  }

  int readingFlags() {
    return reading | Descriptors.O_NONBLOCK;
  }

  int writingFlags() {
    return writing | Descriptors.O_NONBLOCK;
  }
}
