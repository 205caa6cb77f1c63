package dev.hanse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProcessIdentityTest {
  @Test
  void a_process_is_alive_until_it_is_killed() throws Exception {
    Process process = new ProcessBuilder("busybox", "sleep", "1000").start();
    ProcessIdentity identity = ProcessIdentity.of(process.pid()).orElseThrow();
    assertThat(identity.alive()).isTrue();
    identity.kill();
    Await.until(Duration.ofSeconds(5), "the process is gone", () -> !identity.alive());
    assertThat(process.waitFor()).isEqualTo(137);
  }

  @Test
  void another_process_with_the_same_number_is_not_taken_for_it() {
    ProcessIdentity self = ProcessIdentity.of(ProcessHandle.current().pid()).orElseThrow();
    ProcessIdentity earlier = new ProcessIdentity(self.pid(), self.startTicks() - 1);
    assertThat(earlier.alive()).isFalse();
    earlier.kill();
    assertThat(self.alive()).isTrue();
  }
}
