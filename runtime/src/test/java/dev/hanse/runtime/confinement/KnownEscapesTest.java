package dev.hanse.runtime.confinement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.runtime.confinement.KnownEscapes.Hole;
import dev.hanse.runtime.confinement.KnownEscapes.Program;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which versions are warned of. */
class KnownEscapesTest {
  private static final Set<String> LATEST_OF_RUNC =
      Set.of("CVE-2025-31133", "CVE-2025-52565", "CVE-2025-52881");

  private static List<String> holes(Program program, String version, Set<String> mended) {
    return KnownEscapes.of(program, ProgramVersion.of(version).orElseThrow(), mended).stream()
        .map(Hole::name)
        .toList();
  }

  @Tag("attack")
  @ParameterizedTest
  @CsvSource({
    "RUNC,1.1.5+ds1,4",
    "RUNC,1.1.11,4",
    "RUNC,1.1.12,3",
    "RUNC,1.1.15,3",
    "RUNC,1.2.7,3",
    "RUNC,1.2.8,0",
    "RUNC,1.3.2,3",
    "RUNC,1.3.3,0",
    "RUNC,1.3.4,0",
    "RUNC,1.4.0-rc.2,3",
    "RUNC,1.4.0~rc.2,3",
    "RUNC,1.4.0-rc.3,0",
    "RUNC,1.4.0,0",
    "RUNC,1.5.0,0",
    "RUNC,2.0.0,0",
    "CONTAINERD,1.6.20~ds1,3",
    "CONTAINERD,v1.6.38,2",
    "CONTAINERD,v1.7.26,3",
    "CONTAINERD,v1.7.28,2",
    "CONTAINERD,v1.7.29,0",
    "CONTAINERD,2.0.4,2",
    "CONTAINERD,2.0.7,0",
    "CONTAINERD,2.1.0,3",
    "CONTAINERD,2.1.5,0",
    "CONTAINERD,2.2.0,0",
    "CONTAINERD,2.2.0-rc.1,2"
  })
  void a_version_below_the_least_is_known(String program, String version, int expected) {
    assertThat(holes(Program.valueOf(program), version, Set.of())).hasSize(expected);
  }

  @Test
  void the_least_versions_are_those_without_a_hole() {
    assertThat(KnownEscapes.least(Program.RUNC))
        .extracting(ProgramVersion::toString)
        .containsExactly("1.2.8", "1.3.3", "1.4.0-rc.3");
    assertThat(KnownEscapes.least(Program.CONTAINERD))
        .extracting(ProgramVersion::toString)
        .containsExactly("1.7.29", "2.0.7", "2.1.5", "2.2.0");
  }

  @Test
  void what_is_no_version_is_not_guessed_at() {
    assertThat(ProgramVersion.of("unknown")).isEmpty();
    assertThat(ProgramVersion.of("1.2")).isEmpty();
    assertThat(ProgramVersion.of("9999999.1.1")).isEmpty();
    assertThat(ProgramVersion.of("1.1.1" + "x".repeat(1000))).isEmpty();
  }

  /** Debian's 1.1.5+ds1-1+deb12u1 is the upstream's 1.1.5 without the first hole. */
  @Test
  void what_the_distribution_has_mended_is_not_warned_of(@TempDir Path host) throws IOException {
    Path database = Files.createDirectory(host.resolve("info"));
    Path program = Files.writeString(host.resolve("runc"), "");
    Path documents = host.resolve("doc");
    Files.createDirectories(documents.resolve("runc"));
    Files.writeString(database.resolve("runc.list"), "/.\n" + program + "\n");
    try (OutputStream changes =
        new GZIPOutputStream(
            Files.newOutputStream(documents.resolve("runc/changelog.Debian.gz")))) {
      changes.write(
          "runc (1.1.5+ds1-1+deb12u1)\n  * CVE-2024-21626: several\n"
              .getBytes(StandardCharsets.UTF_8));
    }
    var packages = new PackageChanges(database, documents);
    Set<String> mended = packages.mended(program, KnownEscapes.names());
    assertThat(mended).containsExactly("CVE-2024-21626");
    assertThat(holes(Program.RUNC, "1.1.5+ds1", mended))
        .containsExactlyInAnyOrderElementsOf(LATEST_OF_RUNC);
    assertThat(packages.mended(host.resolve("another"), KnownEscapes.names())).isEmpty();
  }

  /** Programs of any kind in the place of runc and containerd end in a sentence, or in none. */
  @Test
  void the_warning_names_program_holes_and_least_versions() {
    var none =
        new AppArmor(
            new AppArmor.Places(
                Path.of("/none"), Path.of("/none"), Path.of("/none"), Path.of("/none")),
            Optional.empty());
    var safety =
        new HostSafety(
            none, () -> "1.7.28", new PackageChanges(Path.of("/none"), Path.of("/none")));
    assertThat(safety.warnings())
        .contains(
            "containerd 1.7.28 has known security holes (CVE-2024-25621, CVE-2025-64329); the"
                + " least versions without them are 1.7.29, 2.0.7, 2.1.5, 2.2.0");
  }
}
