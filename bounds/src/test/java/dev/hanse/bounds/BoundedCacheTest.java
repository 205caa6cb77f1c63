package dev.hanse.bounds;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What is forgotten first, and that the sum holds. */
class BoundedCacheTest {
  private final BoundedCache<String, String> cache = new BoundedCache<>(10, String::length);

  @Test
  void whatWasUsedLeastRecentlyGoesFirst() {
    cache.put("a", "12345");
    cache.put("b", "12345");
    assertThat(cache.bytes()).isEqualTo(10);
    assertThat(cache.find("a")).isPresent();
    cache.put("c", "1");
    assertThat(cache.find("b")).isEmpty();
    assertThat(cache.find("a")).isPresent();
    assertThat(cache.find("c")).hasValue("1");
    assertThat(cache.bytes()).isEqualTo(6);
  }

  @Test
  void oneThatFillsItIsKeptAndALargerOneIsNot() {
    cache.put("a", "1234567890");
    assertThat(cache.find("a")).isPresent();
    cache.put("b", "12345678901");
    assertThat(cache.find("b")).isEmpty();
    assertThat(cache.find("a")).isPresent();
  }

  @Test
  void replacedAndRemovedOnesNoLongerCount() {
    cache.put("a", "123");
    cache.put("a", "12345");
    assertThat(cache.bytes()).isEqualTo(5);
    cache.remove("a");
    cache.remove("a");
    assertThat(cache.bytes()).isZero();
  }
}
