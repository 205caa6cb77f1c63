package dev.hanse.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the daemon's flags make of a heap that is full. */
@Timeout(60)
@Tag("attack")
class OutOfMemoryTest {
  /** The virtual machine's own, by which a service manager knows a failure. */
  private static final int EXIT_STATUS = 3;

  /** A program of which one thread fills the heap, and catches whatever comes. */
  static final class Greedy {
    private Greedy() {}

    /** Says so if it outlives that. */
    public static void main(String[] arguments) throws InterruptedException {
      Thread thread = Thread.ofVirtual().start(Greedy::fill);
      thread.join();
      System.out.println("outlived");
    }

    private static void fill() {
      List<byte[]> held = new ArrayList<>();
      try {
        while (true) {
          held.add(new byte[1 << 20]);
        }
      } catch (Throwable caught) {
        System.out.println("caught with " + held.size());
      }
    }
  }

  @Test
  void the_process_ends_at_once_and_nothing_of_it_goes_on_half_done() throws Exception {
    String script =
        """
        . ../dist/src/share/jvm.sh
        jvm_flags_daemon
        exec "$JAVA" $flags -Xms8m -Xmx16m -cp target/test-classes '%s'
        """
            .formatted(Greedy.class.getName());
    ProcessBuilder builder = new ProcessBuilder("sh", "-c", script).redirectErrorStream(true);
    builder
        .environment()
        .put("JAVA", Path.of(System.getProperty("java.home"), "bin", "java").toString());
    Process process = builder.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isEqualTo(EXIT_STATUS);
    assertThat(said).contains("OutOfMemoryError").doesNotContain("outlived", "caught");
  }
}
