package dev.hanse.runtime.spec;

import java.nio.file.Path;

/** In which network namespace a container's processes run. */
public sealed interface NetworkPlace {
  /** A namespace that the caller made and keeps, for example {@code /run/netns/x}. */
  record Joined(Path namespace) implements NetworkPlace {}

  /** The namespace of the daemon. */
  record Host() implements NetworkPlace {}

  /** A new namespace that has nothing but a loopback that is down. */
  record Isolated() implements NetworkPlace {}
}
