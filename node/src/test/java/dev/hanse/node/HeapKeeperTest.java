package dev.hanse.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class HeapKeeperTest {
  private static final long MIB = 1L << 20;

  @Test
  void aSmallHeapMayGrowByAFixedAmount() {
    HeapKeeper keeper = new HeapKeeper(10 * MIB);
    assertThat(keeper.isDue(42 * MIB)).isFalse();
    assertThat(keeper.isDue(42 * MIB + 1)).isTrue();
  }

  @Test
  void aLargeHeapMayDouble() {
    HeapKeeper keeper = new HeapKeeper(10 * MIB);
    keeper.collected(100 * MIB);
    assertThat(keeper.isDue(200 * MIB)).isFalse();
    assertThat(keeper.isDue(200 * MIB + 1)).isTrue();
    keeper.collected(20 * MIB);
    assertThat(keeper.isDue(60 * MIB)).isTrue();
  }

  @Test
  void garbageIsGoneAfterALook() {
    HeapKeeper keeper = new HeapKeeper(0);
    byte[] garbage = new byte[(int) (64 * MIB)];
    long full = HeapKeeper.used();
    assertThat(full).isGreaterThan(garbage.length);
    garbage = new byte[0];
    keeper.look();
    assertThat(garbage).isEmpty();
    assertThat(HeapKeeper.used()).isLessThan(full - 32 * MIB);
    assertThat(keeper.isDue(HeapKeeper.used())).isFalse();
  }
}
