package dev.hanse.docker.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomNamesTest {
  @Test
  void aNameIsNeverOneThatIsTaken() {
    Set<String> taken = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      assertThat(taken.add(RandomNames.next(taken::contains))).isTrue();
    }
    assertThat(taken).allMatch(name -> name.matches("[a-z]+_[a-z]+[0-9]*"));
  }
}
