package dev.hanse.node.settings;

import java.nio.file.Path;
import java.util.Optional;

/** Which containerd a daemon uses: what {@code --containerd} says. */
public sealed interface ContainerdChoice {
  /** The distribution's if it answers, else one of the daemon's own. */
  record HostElsePrivate() implements ContainerdChoice {}

  /** One of the daemon's own. */
  record Private() implements ContainerdChoice {}

  /** The one at this socket. */
  record Socket(Path path) implements ContainerdChoice {}

  static ContainerdChoice parse(Optional<String> option) {
    if (option.isEmpty()) {
      return new HostElsePrivate();
    }
    return option.get().equals("private") ? new Private() : new Socket(Path.of(option.get()));
  }
}
