package dev.hanse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WaitingTest {
  @Test
  void says_what_is_waited_for_until_it_has_come() throws Exception {
    BlockingQueue<String> said = new LinkedBlockingQueue<>();
    try (Waiting waiting = new Waiting(said::add, Duration.ofMillis(5));
        Waiting.Item two = waiting.item("the API of host2")) {
      Waiting.Item one = waiting.item("the API of host1");
      assertThat(eventually(said, "host1")).contains("the API of host1, the API of host2");
      one.close();
      String later = said.poll(10, TimeUnit.SECONDS);
      while (later != null && later.contains("host1")) {
        later = said.poll(10, TimeUnit.SECONDS);
      }
      assertThat(later).isEqualTo("still waiting for the API of host2");
    }
  }

  private static String eventually(BlockingQueue<String> said, String word) throws Exception {
    String line = said.poll(10, TimeUnit.SECONDS);
    while (line != null && !line.contains(word)) {
      line = said.poll(10, TimeUnit.SECONDS);
    }
    assertThat(line).as("something is said of " + word).isNotNull();
    return String.valueOf(line);
  }
}
