package dev.hanse.docker.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.runtime.process.ExecSettings;
import dev.hanse.web.HttpFailure;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ExecSessionsTest {
  private final ExecSessions sessions = new ExecSessions();

  private void add(String id, int characters) {
    sessions.add(
        new ExecSession(
            id, "container", ExecSettings.of(List.of("x".repeat(characters))), true, true));
  }

  private boolean isKnown(String id) {
    try {
      return sessions.require(id).id().equals(id);
    } catch (HttpFailure missing) {
      return false;
    }
  }

  @Test
  @Tag("attack")
  void commands_that_are_never_run_take_no_more_than_their_part_of_the_heap() {
    int kept = 0;
    for (int i = 0; i < 100; i++) {
      add("big" + i, 1 << 20);
    }
    for (int i = 0; i < 100; i++) {
      kept += isKnown("big" + i) ? 1 : 0;
    }
    assertThat(kept).isBetween(1, 4);
    assertThat(isKnown("big99")).isTrue();
    assertThatThrownBy(() -> add("huge", (int) ExecSessions.BYTES_MAX / 2))
        .hasMessageContaining("too long");
  }

  @Test
  void the_oldest_is_forgotten_first() {
    for (int i = 0; i <= ExecSessions.SESSIONS_MAX; i++) {
      add("small" + i, 10);
    }
    assertThat(isKnown("small0")).isFalse();
    assertThat(isKnown("small1")).isTrue();
  }

  /** A client that has a terminal tells its size as soon as it has the answer's head. */
  @Test
  void who_changes_the_size_waits_for_the_start() throws Exception {
    ExecSession session =
        new ExecSession("one", "container", ExecSettings.of(List.of("sh")), true, true);
    assertThat(session.awaitProcess()).isEmpty();
    session.claim();
    FutureTask<Boolean> waiting = new FutureTask<>(() -> session.awaitProcess().isPresent());
    Thread thread = Thread.ofVirtual().start(waiting);
    while (thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    assertThat(waiting.isDone()).isFalse();
    session.failed(126);
    assertThat(waiting.get()).isFalse();
  }
}
