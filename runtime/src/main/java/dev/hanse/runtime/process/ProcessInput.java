package dev.hanse.runtime.process;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Standard input of a process. */
public interface ProcessInput extends AutoCloseable {
  /**
   * Writes all of it; blocks while the process does not read.
   *
   * @throws IOException when the process has ended
   */
  void write(ByteBuffer bytes) throws IOException;

  /** Ends the input: the process reads end of file. */
  @Override
  void close();

  /** Leaves, and the input stays open for others. */
  void detach();
}
