package dev.hanse.lab;

import java.nio.file.Path;

/**
 * Where labs live.
 *
 * @param run sockets, namespaces, state, logs: gone after a reboot
 * @param data what the daemons keep on disk
 */
public record Directories(Path run, Path data) {
  /** The places on a normal machine. */
  public static Directories standard() {
    return new Directories(Path.of("/run/hanse-lab"), Path.of("/var/lib/hanse-lab"));
  }

  /** Both below one directory of the user's choice. */
  public static Directories below(Path directory) {
    Path absolute = directory.toAbsolutePath().normalize();
    return new Directories(absolute.resolve("run"), absolute.resolve("data"));
  }

  Path lab(String name) {
    return run.resolve(name);
  }

  Path labData(String name) {
    return data.resolve(name);
  }

  Path state(String name) {
    return lab(name).resolve("lab.json");
  }

  Path namespace(String name, String member) {
    return lab(name).resolve("netns").resolve(member);
  }
}
