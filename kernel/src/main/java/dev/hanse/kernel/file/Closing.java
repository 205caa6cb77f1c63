package dev.hanse.kernel.file;

import java.util.Optional;

/** Closes a handle that there may be. */
record Closing<T extends Handle>(Optional<T> held) implements AutoCloseable {
  @Override
  public void close() {
    held.ifPresent(Handle::close);
  }
}
