package dev.hanse.systemtest;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.systemtest.VersionedWrites.Outcome;
import dev.hanse.systemtest.VersionedWrites.Write;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The checker finds what it is there for. */
class VersionedWritesTest {
  private static Write write(String name, String replaced, long begin, long end, Outcome outcome) {
    return new Write(name, replaced, begin, end, outcome);
  }

  private static final Write A = write("a", "", 1, 2, Outcome.DONE);
  private static final Write B = write("b", "a", 3, 4, Outcome.DONE);

  @Test
  void a_chain_in_order_is_linearizable() {
    Write lost = write("c", "b", 5, 6, Outcome.UNKNOWN);
    Write stale = write("d", "a", 5, 6, Outcome.REFUSED);
    Write last = write("e", "c", 7, 8, Outcome.DONE);
    assertThatCode(() -> VersionedWrites.check(List.of(A, B, stale, lost), "b"))
        .doesNotThrowAnyException();
    assertThatCode(() -> VersionedWrites.check(List.of(A, B, stale, lost, last), "e"))
        .doesNotThrowAnyException();
  }

  @Test
  void a_lost_update_is_found() {
    Write other = write("c", "a", 3, 4, Outcome.DONE);
    assertThatThrownBy(() -> VersionedWrites.check(List.of(A, B, other), "b"))
        .hasMessageContaining("acknowledged, and lost");
    assertThatThrownBy(() -> VersionedWrites.check(List.of(A, B), "a"))
        .hasMessageContaining("acknowledged, and lost");
  }

  @Test
  void an_update_that_was_refused_and_happened_is_found() {
    Write refused = write("c", "b", 5, 6, Outcome.REFUSED);
    assertThatThrownBy(() -> VersionedWrites.check(List.of(A, B, refused), "c"))
        .hasMessageContaining("refused, and there");
  }

  @Test
  void an_order_against_time_is_found() {
    Write late = write("a", "", 9, 10, Outcome.DONE);
    assertThatThrownBy(() -> VersionedWrites.check(List.of(late, B), "b"))
        .hasMessageContaining("had its answer before");
  }
}
