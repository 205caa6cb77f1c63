package dev.hanse.runtime.confinement;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/**
 * What Debian (and its relatives) say of the holes that they have mended in an older version of a
 * program: 1.1.5+ds1-1+deb12u1 is the upstream's 1.1.5 with a patch. The package's own list of
 * changes names them, so there is no second table to keep. Reads files only; starts no program.
 */
final class PackageChanges {
  private static final List<String> PACKAGES = List.of("runc", "containerd", "containerd.io");
  private static final String MERGED = "/usr";
  private static final int CHANGES_BYTES_MAX = 4 << 20;

  private final Path database;
  private final Path documents;

  PackageChanges(Path database, Path documents) {
    this.database = database;
    this.documents = documents;
  }

  static PackageChanges ofHost() {
    return new PackageChanges(Path.of("/var/lib/dpkg/info"), Path.of("/usr/share/doc"));
  }

  /** Those of the names that the package which owns the program has mended; empty if none does. */
  Set<String> mended(Path program, Set<String> names) {
    for (String name : PACKAGES) {
      if (owns(name, program)) {
        return namedIn(documents.resolve(name).resolve("changelog.Debian.gz"), names);
      }
    }
    return Set.of();
  }

  /** With merged directories the database may say /usr/sbin for /sbin, or the other way. */
  private boolean owns(String name, Path program) {
    try {
      List<String> files = Files.readAllLines(database.resolve(name + ".list"));
      return files.contains(program.toString())
          || files.contains(MERGED + program)
          || (program.startsWith(MERGED)
              && files.contains(program.toString().substring(MERGED.length())));
    } catch (IOException notThere) {
      return false;
    }
  }

  private static Set<String> namedIn(Path changes, Set<String> names) {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(changes))) {
      String text = new String(in.readNBytes(CHANGES_BYTES_MAX), StandardCharsets.UTF_8);
      return names.stream().filter(text::contains).collect(Collectors.toUnmodifiableSet());
    } catch (IOException notThere) {
      return Set.of();
    }
  }
}
