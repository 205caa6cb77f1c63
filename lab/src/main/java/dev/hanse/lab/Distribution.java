package dev.hanse.lab;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds the distribution whose launcher starts the daemons of a lab. */
public final class Distribution {
  private Distribution() {}

  /**
   * The launcher: of the distribution named by the environment variable HANSE_HOME (the launcher
   * sets it for what it starts), else of the one this class was loaded from, else of {@code
   * dist/hanse} in a directory above.
   *
   * @throws LabException when there is none
   */
  public static Path launcher() {
    return named()
        .or(Distribution::besideThisJar)
        .or(Distribution::ofTheCheckout)
        .orElseThrow(
            () ->
                new LabException(
                    "no distribution of Hanse found: build it (bin/build) or set HANSE_HOME"));
  }

  private static Optional<Path> named() {
    return Optional.ofNullable(System.getenv("HANSE_HOME")).flatMap(home -> in(Path.of(home)));
  }

  private static Optional<Path> besideThisJar() {
    return location().map(Path::getParent).map(Path::getParent).flatMap(Distribution::in);
  }

  private static Optional<Path> ofTheCheckout() {
    Optional<Path> directory = location();
    while (directory.isPresent()) {
      Optional<Path> found = in(directory.get().resolve("dist/hanse"));
      if (found.isPresent()) {
        return found;
      }
      directory = directory.map(Path::getParent);
    }
    return Optional.empty();
  }

  private static Optional<Path> location() {
    try {
      var source = Distribution.class.getProtectionDomain().getCodeSource();
      return source == null ? Optional.empty() : Optional.of(Path.of(source.getLocation().toURI()));
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException("the code's own location is no path", impossible);
    }
  }

  private static Optional<Path> in(Path home) {
    Path launcher = home.resolve("bin/hanse");
    return Files.isExecutable(launcher) ? Optional.of(launcher) : Optional.empty();
  }
}
