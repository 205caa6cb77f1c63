package dev.hanse.kernel.pipe;

/** Why a pipe ended. */
public sealed interface PipeEnd {
  /** The last writer closed it, and all that was written has been received. */
  record EndOfFile() implements PipeEnd {}

  /** {@link PipeReader#close} or {@link PipeReader#finish} was called, or the loop was closed. */
  record Closed() implements PipeEnd {}

  /** Reading failed, or the listener threw. */
  record Failed(Throwable reason) implements PipeEnd {}
}
