package dev.hanse.runtime.confinement;

import dev.hanse.runtime.RuntimeFault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/** What a program says of its version; asked again when its file is another. */
public final class AskedVersion {
  private static final int BYTES_MAX = 4096;

  private volatile @Nullable Asked last;

  private record Asked(Path program, FileTime changed, String version) {}

  /** The last word of the first line that the program answers to {@code --version}. */
  public String of(Path program) {
    try {
      FileTime changed = Files.getLastModifiedTime(program);
      Asked known = last;
      if (known == null || !known.program().equals(program) || !known.changed().equals(changed)) {
        known = new Asked(program, changed, ask(program));
        last = known;
      }
      return known.version();
    } catch (IOException failure) {
      throw new RuntimeFault(
          RuntimeFault.Kind.INTERNAL, "asking for the version of " + program, failure);
    }
  }

  private static String ask(Path program) throws IOException {
    Process run =
        new ProcessBuilder(program.toString(), "--version").redirectErrorStream(true).start();
    run.getOutputStream().close();
    try (var output = run.getInputStream()) {
      String text = new String(output.readNBytes(BYTES_MAX), StandardCharsets.UTF_8);
      String first = text.lines().findFirst().orElse("");
      return first.substring(first.lastIndexOf(' ') + 1);
    }
  }
}
