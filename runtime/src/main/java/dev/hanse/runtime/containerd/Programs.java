package dev.hanse.runtime.containerd;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/** Finds installed programs: in PATH, then where system administrators' programs are. */
public final class Programs {
  private static final List<String> SYSTEM_DIRECTORIES =
      List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

  private Programs() {}

  /** The program of that name, if it is installed. */
  public static Optional<Path> find(String name) {
    return directories().stream()
        .map(directory -> Path.of(directory, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** PATH with the system's directories, for programs started by us. */
  public static String searchPath() {
    return String.join(":", directories());
  }

  private static List<String> directories() {
    var found = new LinkedHashSet<String>();
    String path = System.getenv("PATH");
    if (path != null) {
      for (String directory : path.split(":", -1)) {
        if (directory.startsWith("/")) {
          found.add(directory);
        }
      }
    }
    found.addAll(SYSTEM_DIRECTORIES);
    return new ArrayList<>(found);
  }
}
