package dev.hanse.runtime.process;

import dev.hanse.kernel.pipe.PipeWriter;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A process' standard input over its FIFO. */
public final class PipeInput implements ProcessInput {
  private final PipeWriter writer;
  private final Runnable endOfInput;

  /**
   * Input through that writer.
   *
   * @param endOfInput tells the shim, which holds the FIFO open too, that nothing follows
   */
  public PipeInput(PipeWriter writer, Runnable endOfInput) {
    this.writer = writer;
    this.endOfInput = endOfInput;
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    writer.write(bytes);
  }

  @Override
  public void close() {
    writer.close();
    endOfInput.run();
  }

  @Override
  public void detach() {
    writer.close();
  }
}
