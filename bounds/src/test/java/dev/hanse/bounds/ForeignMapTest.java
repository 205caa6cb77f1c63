package dev.hanse.bounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ForeignMapTest {
  private record Key(int number, AtomicLong compared) implements Comparable<Key> {
    @Override
    public boolean equals(Object other) {
      compared.incrementAndGet();
      return other instanceof Key key && key.number == number;
    }

    @Override
    public int hashCode() {
      return 7;
    }

    @Override
    public int compareTo(Key other) {
      compared.incrementAndGet();
      return Integer.compare(number, other.number);
    }
  }

  @Test
  @Tag("attack")
  void keys_of_one_hash_do_not_cost_the_square() {
    int count = 4_000;
    AtomicLong compared = new AtomicLong();
    Map<Key, String> given = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      given.put(new Key(i, compared), "");
    }
    compared.set(0);
    Map<Key, String> copy = ForeignMap.copyOf(given);
    assertThat(compared.get()).isLessThan(count * 50L);
    assertThat(copy).hasSize(count);
  }

  @Test
  void a_copy_keeps_the_order_and_is_no_view() {
    Map<String, Integer> given = new LinkedHashMap<>(Map.of("b", 1));
    given.put("a", 2);
    Map<String, Integer> copy = ForeignMap.copyOf(given);
    given.clear();
    assertThat(copy).containsExactly(Map.entry("b", 1), Map.entry("a", 2));
    assertThatThrownBy(() -> copy.put("c", 3)).isInstanceOf(UnsupportedOperationException.class);
  }
}
