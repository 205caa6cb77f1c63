package dev.hanse.systemtest.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/**
 * A host whose daemon's turns a test makes throw.
 *
 * @param directory of its own, by which the test and the daemon talk
 * @param agent what {@link #agent} made
 */
public record FaultyHost(Path directory, Path agent) {
  /** Makes the agent of this package's classes. */
  public static Path agent(Path directory) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Premain-Class", TurnFaults.class.getName());
    Path jar = directory.resolve("turn-faults.jar");
    String folder = FaultyHost.class.getPackageName().replace('.', '/');
    Path classes =
        Path.of(FaultyHost.class.getProtectionDomain().getCodeSource().getLocation().getPath())
            .resolve(folder);
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest);
        var files = Files.newDirectoryStream(classes, "*.class")) {
      for (Path file : files) {
        out.putNextEntry(new JarEntry(folder + "/" + file.getFileName()));
        Files.copy(file, out);
      }
    }
    return jar;
  }

  /** What its daemon is started with: the runtime of the distribution has no place for agents. */
  public Map<String, String> environment() {
    return Map.of(
        "HANSE_JAVA_HOME",
        System.getProperty("java.home"),
        "HANSE_JAVA_OPTS",
        "-javaagent:%s=%s".formatted(agent, directory),
        "HANSE_AOT",
        "off");
  }

  /** From now on each thread throws once, also those that begin later. */
  public void begin(Round round) throws IOException {
    Path written = Files.writeString(directory.resolve("next"), round.line());
    Files.move(
        written, directory.resolve(TurnFaults.ROUND), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  /** What the threads did, in order. */
  public List<Note> notes() {
    try {
      Path notes = directory.resolve(TurnFaults.NOTES);
      if (!Files.exists(notes)) {
        return List.of();
      }
      String text = Files.readString(notes);
      return text.substring(0, text.lastIndexOf('\n') + 1).lines().map(Note::parse).toList();
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    }
  }
}
