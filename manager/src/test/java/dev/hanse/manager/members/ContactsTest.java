package dev.hanse.manager.members;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.raft.log.Member;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Who counts as reachable. */
class ContactsTest {
  private static final Member OTHER = new Member("other", "192.0.2.2:2377");

  private final AtomicLong nanos = new AtomicLong(-5_000);
  private final AtomicBoolean cut = new AtomicBoolean();
  private final Contacts contacts =
      new Contacts(
          (to, request, timeout) -> {
            if (cut.get()) {
              throw new IOException("no answer from " + to.nodeId());
            }
            return request;
          },
          nanos::get);

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void who_answers_is_reachable_and_who_is_silent_is_not() throws IOException {
    Contacts.Observation observation = contacts.begin();
    pass(Contacts.SILENCE_MAX);
    assertThat(observation.reachable(List.of(OTHER))).isEmpty();
    assertThat(contacts.call(OTHER, new byte[] {1}, Duration.ofSeconds(1))).containsExactly(1);
    assertThat(observation.reachable(List.of(OTHER))).containsExactly("other");
    pass(Contacts.SILENCE_MAX.minusNanos(1));
    assertThat(observation.reachable(List.of(OTHER))).containsExactly("other");
    pass(Duration.ofNanos(1));
    assertThat(observation.reachable(List.of(OTHER))).isEmpty();
  }

  @Test
  void a_call_without_answer_is_no_contact() {
    Contacts.Observation observation = contacts.begin();
    cut.set(true);
    pass(Contacts.SILENCE_MAX);
    assertThatThrownBy(() -> contacts.call(OTHER, new byte[0], Duration.ofSeconds(1)))
        .isInstanceOf(IOException.class);
    assertThat(observation.reachable(List.of(OTHER))).isEmpty();
  }

  @Test
  void a_new_leader_begins_without_prejudice() throws IOException {
    contacts.call(OTHER, new byte[0], Duration.ofSeconds(1));
    pass(Duration.ofMinutes(1));
    assertThat(contacts.begin().reachable(List.of(OTHER))).containsExactly("other");
  }
}
