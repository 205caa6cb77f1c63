package dev.hanse.runtime.registry;

import java.time.Duration;

/**
 * How long a registry may take.
 *
 * @param handshake until it has shown that it speaks TLS, where that is to be found out
 * @param answer until the head of an answer is there, from the connection on
 * @param stall within this time some bytes of a body must come ({@link PacedBody#BYTES_MIN})
 * @param document until a manifest, configuration, token or error is there as a whole
 */
record Patience(Duration handshake, Duration answer, Duration stall, Duration document) {
  static final Patience USUAL =
      new Patience(
          Duration.ofSeconds(3),
          Duration.ofSeconds(60),
          Duration.ofSeconds(60),
          Duration.ofSeconds(60));
}
