package dev.hanse.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PersistentMapTest {
  static LongStream seeds() {
    return new Random().longs(50);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void itIsAMapAndTellsWhatDiffers(long seed) {
    Random random = new Random(seed);
    PersistentMap<Integer> map = PersistentMap.empty();
    TreeMap<String, Integer> expected = new TreeMap<>();
    PersistentMap<Integer> former = map;
    TreeMap<String, Integer> formerExpected = new TreeMap<>();
    for (int step = 0; step < 300; step++) {
      String key = "k" + random.nextInt(80);
      int kind = random.nextInt(12);
      if (kind == 0) {
        Map<String, Integer> many = many(random);
        map = map.withAll(many);
        expected.putAll(many);
      } else if (kind < 5) {
        map = map.without(key);
        expected.remove(key);
      } else {
        int value = random.nextInt(3);
        map = map.with(key, value);
        expected.put(key, value);
      }
      if (random.nextInt(30) == 0) {
        assertThat(changed(former, map, formerExpected)).isEqualTo(expected);
        assertThat(changed(map, former, expected)).isEqualTo(formerExpected);
        former = map;
        formerExpected = new TreeMap<>(expected);
      }
      assertThat(map).hasSameSizeAs(expected);
      assertThat(map.get(key)).isEqualTo(expected.get(key));
    }
    assertThat(List.copyOf(map.entrySet())).isEqualTo(List.copyOf(expected.entrySet()));
    assertThat(map).isEqualTo(expected).hasSameHashCodeAs(expected);
  }

  private static Map<String, Integer> many(Random random) {
    Map<String, Integer> many = new HashMap<>();
    for (int count = random.nextInt(60); count > 0; count--) {
      many.put("k" + random.nextInt(80), random.nextInt(3));
    }
    return many;
  }

  private static Map<String, Integer> changed(
      PersistentMap<Integer> before, PersistentMap<Integer> after, Map<String, Integer> start) {
    Map<String, Integer> copy = new TreeMap<>(start);
    List<String> told = new ArrayList<>();
    after.since(
        before,
        new PersistentMap.Difference<>() {
          @Override
          public void put(String key, Integer value) {
            told.add(key);
            assertThat(copy.put(key, value)).isNotEqualTo(value);
          }

          @Override
          public void removed(String key) {
            told.add(key);
            assertThat(copy.remove(key)).isNotNull();
          }
        });
    assertThat(told).isSorted().doesNotHaveDuplicates();
    return copy;
  }

  @Test
  void theSameEntriesMakeTheSameTreeHoweverTheyCame() {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      keys.add("key" + i);
    }
    PersistentMap<String> sorted = PersistentMap.empty();
    for (String key : keys) {
      sorted = sorted.with(key, key);
    }
    Collections.shuffle(keys, new Random(4));
    PersistentMap<String> shuffled = PersistentMap.<String>empty().with("other", "");
    for (String key : keys) {
      shuffled = shuffled.with(key, key);
    }
    shuffled = shuffled.without("other");
    assertThat(shuffled).isEqualTo(sorted);
    Map<String, String> atOnce = new HashMap<>();
    keys.forEach(key -> atOnce.put(key, key));
    assertThat(PersistentMap.<String>empty().withAll(atOnce)).isEqualTo(sorted);
    assertThat(sorted.withAll(atOnce)).isSameAs(sorted);
    assertThat(sorted.withAll(Map.of())).isSameAs(sorted);
    assertThat(sorted.with("key5", "key5")).isSameAs(sorted);
    assertThat(sorted.without("unknown")).isSameAs(sorted);
  }

  /** A value that counts how often one is compared. */
  private record Counted(int number, AtomicInteger comparisons) {
    @Override
    public boolean equals(Object other) {
      comparisons.incrementAndGet();
      return other instanceof Counted counted && counted.number == number;
    }

    @Override
    public int hashCode() {
      return number;
    }
  }

  @Test
  void whatTwoMapsShareIsNotCompared() {
    AtomicInteger comparisons = new AtomicInteger();
    PersistentMap<Counted> map = PersistentMap.empty();
    for (int i = 0; i < 20_000; i++) {
      map = map.with("key" + i, new Counted(i, comparisons));
    }
    PersistentMap<Counted> later =
        map.with("key777", new Counted(-1, comparisons))
            .without("key9000")
            .with("new", new Counted(0, comparisons));
    List<String> told = new ArrayList<>();
    comparisons.set(0);
    later.since(
        map,
        new PersistentMap.Difference<>() {
          @Override
          public void put(String key, Counted value) {
            told.add(key);
          }

          @Override
          public void removed(String key) {
            told.add("-" + key);
          }
        });
    assertThat(told).containsExactly("key777", "-key9000", "new");
    // Only what stands on a way from the root to one of the three.
    assertThat(comparisons.get()).isLessThan(300);
  }
}
