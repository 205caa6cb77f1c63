package dev.hanse.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.health.Health;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OpenFilesTest {
  @Test
  void few_left_is_little_and_none_left_is_vital() {
    assertThat(OpenFiles.scarce(900, 1_000)).isEmpty();
    assertThat(OpenFiles.scarce(901, 1_000))
        .contains("901 of the 1000 files that the daemon may open are open");
    assertThat(OpenFiles.exhausted(1_000 - OpenFiles.LEFT_MIN, 1_000)).isEmpty();
    assertThat(OpenFiles.exhausted(1_001 - OpenFiles.LEFT_MIN, 1_000)).isPresent();
    assertThat(OpenFiles.exhausted(1_020, 1_000)).isPresent(); // The limit was lowered.
  }

  @Test
  void the_soft_limit_counts() throws Exception {
    assertThat(OpenFiles.limit("Limit  Soft  Hard  Units\nMax open files   58   4096   files\n"))
        .isEqualTo(58);
    assertThat(OpenFiles.limit("Max open files            unlimited   unlimited  files\n"))
        .isEqualTo(Long.MAX_VALUE);
  }

  /** In a process of its own, whose limit is lowered. */
  @Test
  void a_process_without_files_is_ill_and_well_when_it_has_some_again() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Exhausted.class.getName())
            .redirectErrorStream(true)
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.exitValue()).as(said).isZero();
    assertThat(said.lines().filter(line -> line.startsWith("ill:")))
        .singleElement()
        .asString()
        .contains("open");
    assertThat(said).contains("well: []");
  }

  /** Opens files until it cannot, and closes them again. */
  static final class Exhausted {
    private Exhausted() {}

    public static void main(String[] arguments) throws Exception {
      Health health = new Health();
      try (AutoCloseable _ = OpenFiles.watch(health)) {
        Process limit =
            new ProcessBuilder(
                    "prlimit", "--nofile=400:400", "--pid=" + ProcessHandle.current().pid())
                .inheritIO()
                .start();
        if (limit.waitFor() != 0) {
          throw new IllegalStateException("prlimit");
        }
        List<InputStream> open = new ArrayList<>();
        boolean more = true;
        while (more) {
          try {
            open.add(Files.newInputStream(Path.of("/proc/self/limits")));
          } catch (java.nio.file.FileSystemException full) {
            more = false;
          }
        }
        String ill = health.vitalFaults().toString();
        for (InputStream each : open) {
          each.close();
        }
        System.out.println("ill: " + ill);
        System.out.println("well: " + health.vitalFaults());
      }
    }
  }
}
