package dev.hanse.agent.mount;

import dev.hanse.kernel.file.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The tmpfs that tasks shared in earlier versions, a directory for each. Containers that still run
 * have files of it mounted; with the last of their tasks it goes.
 */
final class SharedTaskFiles {
  private final Path directory;

  SharedTaskFiles(Path directory) {
    this.directory = directory;
  }

  synchronized void remove(String taskId) throws IOException {
    if (Files.isDirectory(directory)) {
      removeDirectory(directory.resolve(taskId));
      removeIfEmpty();
    }
  }

  /** The tasks that have files here. */
  synchronized Set<String> present() throws IOException {
    if (!Files.isDirectory(directory)) {
      return Set.of();
    }
    return entries(directory).stream()
        .map(place -> String.valueOf(place.getFileName()))
        .collect(Collectors.toSet());
  }

  private static void removeDirectory(Path place) throws IOException {
    if (Files.isDirectory(place)) {
      for (Path file : entries(place)) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(place);
    }
  }

  private void removeIfEmpty() throws IOException {
    if (!entries(directory).isEmpty()) {
      return;
    }
    while (Mounts.isMounted(directory)) {
      Mounts.unmount(directory);
    }
    Files.deleteIfExists(directory);
  }

  private static List<Path> entries(Path place) throws IOException {
    try (Stream<Path> entries = Files.list(place)) {
      return entries.toList();
    }
  }
}
