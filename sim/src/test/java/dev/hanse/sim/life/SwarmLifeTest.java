package dev.hanse.sim.life;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.sim.life.Simulation.Result;
import dev.hanse.sim.world.Options;
import dev.hanse.sim.world.Sabotage;
import java.security.SecureRandom;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lives of a swarm, and that the checkers see what goes wrong in them. */
final class SwarmLifeTest {
  private static final int SABOTAGED_SEEDS_MAX = 8;

  private static void assertClean(Result result) {
    assertThat(result.failure())
        .as("to repeat it: bin/sim --seeds 1 --from %d --trace", result.seed())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void aSwarmSurvivesWhateverHappens(long seed) {
    Result result = Simulation.run(seed, Simulation.options(seed), false);
    assertClean(result);
    assertThat(result.writes()).isPositive();
  }

  @Test
  void aSwarmSurvivesWhatNobodyHasTriedBefore() {
    for (int i = 0; i < 2; i++) {
      long seed = new SecureRandom().nextLong(1_000_000_000L);
      System.out.println("simulating seed " + seed);
      assertClean(Simulation.run(seed, Simulation.options(seed), false));
    }
  }

  @Test
  void theSameSeedIsTheSameLife() {
    Result first = Simulation.run(7, Simulation.options(7), false);
    Result second = Simulation.run(7, Simulation.options(7), true);
    assertThat(second.hash()).isEqualTo(first.hash());
    assertThat(second.events()).isEqualTo(first.events());
    assertThat(second.trace()).isNotEmpty();
    Result other = Simulation.run(8, Simulation.options(8), false);
    assertThat(other.hash()).isNotEqualTo(first.hash());
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {
        "NONE",
        "ANSWER_BEFORE_SYNC",
        "GOSSIP_IDLY",
        "REVIVE_NOBODY",
        "REPORT_NO_LIVENESS",
        "LOSE_DEPENDENCIES",
        "KEEP_DEMOTED_MANAGERS"
      })
  void faultsOfOursAreFound(Sabotage fault) {
    assertFound(fault, seed -> Simulation.options(seed).with(fault));
  }

  /** What is missed when all is well again: who is dead, who came back. */
  @ParameterizedTest
  @EnumSource(names = {"GOSSIP_IDLY", "REVIVE_NOBODY", "REPORT_NO_LIVENESS"})
  void deathsThatNobodyNoticesAreFound(Sabotage fault) {
    assertFound(
        fault,
        seed -> new Options(3, 2, 1, 5, 5, 0, 0, true, false, true, 500, true, false, fault));
  }

  @Test
  void membersOfTheLogThatAreNoManagersAreFound() {
    Sabotage fault = Sabotage.KEEP_DEMOTED_MANAGERS;
    assertFound(
        fault,
        seed -> new Options(3, 2, 1, 20, 1, 0, 0, false, false, true, 500, false, true, fault));
  }

  /** Most containers are made in a life with many services and little trouble. */
  @Test
  void secretsThatDoNotArriveAreFound() {
    Sabotage fault = Sabotage.LOSE_DEPENDENCIES;
    assertFound(
        fault,
        seed -> new Options(3, 4, 3, 30, 1, 0, 0, false, false, true, 500, false, false, fault));
  }

  /** With several managers most of what one loses is still in the memory of the others. */
  @Test
  void writesThatAPowerCutTakesBackAreFound() {
    Sabotage fault = Sabotage.ANSWER_BEFORE_SYNC;
    Options alone = new Options(1, 2, 2, 40, 1, 0, 0, true, false, true, 500, false, false, fault);
    assertFound(fault, seed -> alone);
  }

  private static void assertFound(Sabotage fault, LongFunction<Options> options) {
    boolean found = false;
    for (long seed = 1; seed <= SABOTAGED_SEEDS_MAX && !found; seed++) {
      found = Simulation.run(seed, options.apply(seed), false).failure().isPresent();
    }
    assertThat(found).as("%s found in %d seeds", fault, SABOTAGED_SEEDS_MAX).isTrue();
  }
}
