package dev.hanse.docker.stream;

import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.process.ProcessInput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies what a client types to a process's standard input, on a thread of its own. */
final class InputPump {
  private static final Logger LOG = LoggerFactory.getLogger(InputPump.class);
  private static final int BUFFER_BYTES = 8192;

  private InputPump() {}

  /**
   * Begins to copy; ends with the client's input or the process.
   *
   * @param process opens the input; empty if there is none
   * @param closeAtEnd the process reads end of file when the client's input ends; else its input
   *     stays open for others
   */
  static void start(
      InputStream client, Supplier<Optional<ProcessInput>> process, boolean closeAtEnd) {
    Thread.ofVirtual()
        .name("process-input")
        .start(() -> open(process).ifPresent(input -> copy(client, input, closeAtEnd)));
  }

  private static Optional<ProcessInput> open(Supplier<Optional<ProcessInput>> process) {
    try {
      return process.get();
    } catch (RuntimeFault ended) {
      LOG.debug("a process reads no input any more", ended);
      return Optional.empty();
    }
  }

  private static void copy(InputStream client, ProcessInput process, boolean closeAtEnd) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      int count = client.read(buffer);
      while (count >= 0) {
        process.write(ByteBuffer.wrap(buffer, 0, count));
        count = client.read(buffer);
      }
    } catch (IOException ended) {
      LOG.debug("input of a process ended", ended);
    } finally {
      if (closeAtEnd) {
        process.close();
      } else {
        process.detach();
      }
    }
  }
}
