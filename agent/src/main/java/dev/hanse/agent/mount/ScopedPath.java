package dev.hanse.agent.mount;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Finds a container's path below the root of its files on the host. Links are followed as the
 * container would: one that is absolute, or climbs, never leads out of the root.
 */
public final class ScopedPath {
  private static final int LINKS_MAX = 40;

  private ScopedPath() {}

  /** Where a path of the container is on the host; empty when there is nothing. */
  public static Optional<Path> resolve(Path root, String containerPath) throws IOException {
    Deque<Path> rest = new ArrayDeque<>();
    pushAll(rest, Path.of(containerPath));
    Path place = root;
    int links = 0;
    while (!rest.isEmpty()) {
      String name = rest.pop().toString();
      if (name.equals("..")) {
        Path parent = place.getParent();
        place = place.equals(root) || parent == null ? root : parent;
        continue;
      }
      Path next = name.equals(".") || name.isEmpty() ? place : place.resolve(name);
      if (!Files.exists(next, LinkOption.NOFOLLOW_LINKS)) {
        return Optional.empty();
      }
      if (!Files.isSymbolicLink(next)) {
        place = next;
        continue;
      }
      if (++links > LINKS_MAX) {
        return Optional.empty();
      }
      Path target = Files.readSymbolicLink(next);
      pushAll(rest, target);
      place = target.isAbsolute() ? root : place;
    }
    return Optional.of(place);
  }

  private static void pushAll(Deque<Path> rest, Path path) {
    for (int index = path.getNameCount() - 1; index >= 0; index--) {
      rest.push(path.getName(index));
    }
  }
}
