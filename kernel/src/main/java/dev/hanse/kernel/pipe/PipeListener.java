package dev.hanse.kernel.pipe;

import java.nio.ByteBuffer;

/**
 * Takes what a {@link PipeReader} reads. Called on the one thread of {@link Pipes}: must not block.
 */
public interface PipeListener {
  /**
   * Bytes arrived. The buffer is valid during the call only. A listener that cannot take more for
   * now calls {@link PipeReader#pause}: what is in the pipe stays there and stops the writer in the
   * end.
   */
  void received(PipeReader reader, ByteBuffer bytes);

  /** Nothing follows; called once. The descriptor is closed already. */
  void ended(PipeReader reader, PipeEnd end);
}
