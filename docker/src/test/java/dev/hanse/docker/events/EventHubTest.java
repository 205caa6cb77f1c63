package dev.hanse.docker.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class EventHubTest {
  private final EventHub hub = new EventHub();

  private void publish(String action) {
    hub.publish(Event.local("container", action, "id", Map.of()));
  }

  private List<String> kept() throws InterruptedException {
    return hub.read(hub.oldest(), 0).events().stream().map(Event::action).toList();
  }

  @Test
  @Tag("attack")
  void events_of_long_commands_take_no_more_than_their_part_of_the_heap() throws Exception {
    String command = "x".repeat(1 << 20);
    for (int i = 0; i < 100; i++) {
      publish("exec_create: " + i + command);
    }
    List<String> kept = kept();
    assertThat(kept.stream().mapToLong(action -> 2L * action.length()).sum())
        .isBetween(1L, EventHub.BYTES_MAX);
    assertThat(kept.getLast()).startsWith("exec_create: 99x");
    assertThat(hub.position()).isEqualTo(100);

    publish("y".repeat(2 * (int) EventHub.BYTES_MAX));
    assertThat(kept()).singleElement().asString().startsWith("y");
    publish("short");
    assertThat(kept()).containsExactly("short");
  }

  @Test
  void the_last_events_are_kept() throws Exception {
    for (int i = 0; i < EventHub.EVENTS_MAX + 5; i++) {
      publish("" + i);
    }
    assertThat(kept()).hasSize(EventHub.EVENTS_MAX).startsWith("5");
    assertThat(hub.read(0, 0).position()).isEqualTo(EventHub.EVENTS_MAX + 5);
  }
}
