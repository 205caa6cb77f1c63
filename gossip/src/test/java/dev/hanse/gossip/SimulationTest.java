package dev.hanse.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.gossip.World.Condition;
import dev.hanse.gossip.World.Host;
import dev.hanse.gossip.World.Weather;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Many worlds, each from a seed. {@code -Dgossip.seed=N} runs one of them; {@code -Dgossip.seeds=N}
 * sets how many.
 */
class SimulationTest {
  private static final GossipParameters DEFAULT = GossipParameters.DEFAULT;

  private static void seeds(int usual, LongConsumer story) {
    Long only = Long.getLong("gossip.seed");
    long first = only == null ? 1 : only;
    long last = only == null ? Integer.getInteger("gossip.seeds", usual) : only;
    for (long seed = first; seed <= last; seed++) {
      try {
        story.accept(seed);
      } catch (AssertionError | RuntimeException failure) {
        throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
      }
    }
  }

  private static World started(long seed, int nodes) {
    World world = new World(seed, nodes, DEFAULT);
    world.run(5_000);
    assertConverged(world);
    return world;
  }

  private static void assertConverged(World world) {
    for (Host host : world.living()) {
      for (Host other : world.hosts) {
        // Who started after a death need not know of the dead.
        MemberState thought = host.thinksOf(other);
        assertThat(
                other.condition == Condition.RUNNING
                    ? thought == MemberState.ALIVE
                    : thought != MemberState.ALIVE && thought != MemberState.SUSPECT)
            .as("%s of %s, which is %s: %s", host.id, other.id, other.condition, thought)
            .isTrue();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"2, 200", "3, 200", "5, 200", "20, 30", "100, 2"})
  void a_dead_machine_is_dead_for_all_others_within_seconds(int nodes, int seeds) {
    List<Long> suspected = new ArrayList<>();
    List<Long> dead = new ArrayList<>();
    seeds(
        seeds,
        seed -> {
          World world = started(seed, nodes);
          world.run(world.random.nextLong(1_000));
          Host victim = world.hosts.get(world.random.nextInt(nodes));
          boolean machine = world.random.nextBoolean();
          long diedMs = world.nowMs;
          victim.set(machine ? Condition.MACHINE_GONE : Condition.PROCESS_GONE);
          world.run(6_000);
          Map<String, Long> suspicions = world.firstAfter(diedMs, victim, MemberState.SUSPECT);
          Map<String, Long> deaths = world.firstAfter(diedMs, victim, MemberState.DEAD);
          assertThat(deaths).hasSize(nodes - 1);
          suspected.add(Collections.min(suspicions.values()) - diedMs);
          dead.add(Collections.max(deaths.values()) - diedMs);
          assertThat(world.deaths()).allMatch(death -> death.about().equals(victim.id));
          assertThat(Collections.max(deaths.values()) - diedMs).isLessThan(4_500);
          assertConverged(world);
        });
    Collections.sort(suspected);
    Collections.sort(dead);
    System.out.printf(
        "%d nodes: suspect %s ms, dead for all %s ms%n",
        nodes, percentiles(suspected), percentiles(dead));
  }

  private static String percentiles(List<Long> sorted) {
    int last = sorted.size() - 1;
    return "%d..%d..%d..%d (0, 50, 95, 100 %%)"
        .formatted(
            sorted.get(0), sorted.get(last / 2), sorted.get(last * 95 / 100), sorted.get(last));
  }

  @ParameterizedTest
  @CsvSource({"2, 100", "3, 100", "5, 100", "20, 10", "100, 1"})
  void who_stops_for_two_seconds_is_not_dead_for_anybody(int nodes, int seeds) {
    seeds(
        seeds,
        seed -> {
          World world = started(seed, nodes);
          world.weather = new Weather(0.02, 0, 20, 0.01);
          for (int pause = 0; pause < 5; pause++) {
            Host victim = world.hosts.get(world.random.nextInt(nodes));
            victim.set(
                world.random.nextBoolean() ? Condition.PROCESS_STOPPED : Condition.MACHINE_STOPPED);
            world.run(2_000);
            victim.set(Condition.RUNNING);
            world.run(1_500 + world.random.nextLong(1_500));
          }
          assertThat(world.deaths()).isEmpty();
          assertConverged(world);
        });
  }

  @ParameterizedTest
  @CsvSource({"2, 20", "3, 20", "5, 20", "20, 4", "100, 1"})
  void with_a_fifth_of_all_packets_lost_nobody_is_dead(int nodes, int seeds) {
    seeds(
        seeds,
        seed -> {
          World world = started(seed, nodes);
          world.weather = new Weather(0.2, 0, 30, 0.05);
          world.run(120_000);
          assertThat(world.deaths()).isEmpty();
          world.weather = Weather.FAIR;
          world.run(5_000);
          assertConverged(world);
        });
  }

  @ParameterizedTest
  @CsvSource({"2, 20", "3, 20", "5, 20", "20, 3", "100, 1"})
  void a_process_that_is_starved_for_long_neither_dies_nor_kills(int nodes, int seeds) {
    seeds(
        seeds,
        seed -> {
          World world = started(seed, nodes);
          world.weather = new Weather(0.01, 0, 5, 0);
          Host victim = world.hosts.get(world.random.nextInt(nodes));
          for (int stretch = 0; stretch < 40; stretch++) {
            victim.set(Condition.PROCESS_STOPPED);
            world.run(100 + world.random.nextLong(stretch % 5 == 0 ? 6_000 : 1_800));
            victim.set(Condition.RUNNING);
            world.run(1 + world.random.nextLong(60));
          }
          world.run(5_000);
          assertThat(world.deaths()).isEmpty();
          assertConverged(world);
        });
  }

  /** Its kernel goes on accepting connections for it, so it has longer than one that is gone. */
  @ParameterizedTest
  @CsvSource({"2, 20", "3, 20", "5, 20", "20, 3", "100, 1"})
  void a_process_that_stays_stopped_is_dead_for_all_and_alive_when_it_goes_on(
      int nodes, int seeds) {
    seeds(
        seeds,
        seed -> {
          World world = started(seed, nodes);
          world.weather = new Weather(0.01, 0, 5, 0);
          Host victim = world.hosts.get(world.random.nextInt(nodes));
          victim.set(Condition.PROCESS_STOPPED);
          world.run(20_000);
          for (Host host : world.hosts) {
            if (host != victim) {
              assertThat(host.thinksOf(victim)).isEqualTo(MemberState.DEAD);
            }
          }
          victim.set(Condition.RUNNING);
          world.run(5_000);
          assertConverged(world);
        });
  }

  @ParameterizedTest
  @CsvSource({"3, 60", "5, 60", "20, 10", "100, 1"})
  void a_partition_splits_the_views_and_healing_brings_all_back(int nodes, int seeds) {
    seeds(
        seeds,
        seed -> {
          World world = started(seed, nodes);
          int cut = 1 + world.random.nextInt(nodes - 1);
          world.link =
              (from, to) -> world.hosts.indexOf(from) < cut == world.hosts.indexOf(to) < cut;
          // Who is cut off alone finds one dead after the other, and slowly: it doubts itself.
          world.run(60_000 + world.random.nextLong(40_000));
          for (Host host : world.hosts) {
            for (Host other : world.hosts) {
              boolean together = world.link.test(host, other);
              assertThat(host.thinksOf(other))
                  .isEqualTo(together ? MemberState.ALIVE : MemberState.DEAD);
            }
          }
          world.link = (_, _) -> true;
          world.run(25_000);
          assertConverged(world);
        });
  }

  @ParameterizedTest
  @CsvSource({"5, 40", "20, 5"})
  void one_way_links_kill_nobody_who_is_heard_by_others(int nodes, int seeds) {
    seeds(
        seeds,
        seed -> {
          World world = started(seed, nodes);
          Host deaf = world.hosts.get(world.random.nextInt(nodes));
          Host unheard = world.hosts.get(world.random.nextInt(nodes));
          world.link = (from, to) -> !(to == deaf && from == unheard);
          world.run(60_000);
          assertThat(world.deaths()).isEmpty();
          world.link = (_, _) -> true;
          world.run(3_000);
          assertConverged(world);
        });
  }

  @Test
  void who_restarts_with_the_same_id_is_alive_soon() {
    seeds(
        100,
        seed -> {
          World world = started(seed, 5);
          Host victim = world.hosts.get(world.random.nextInt(5));
          victim.set(world.random.nextBoolean() ? Condition.MACHINE_GONE : Condition.PROCESS_GONE);
          world.run(world.random.nextLong(10_000));
          victim.restart(world.seeds());
          world.run(1_500);
          assertConverged(world);
        });
  }

  @Test
  void a_random_life_is_survived() {
    seeds(
        60,
        seed -> {
          int nodes = 3 + (int) (seed % 10);
          World world = started(seed, nodes);
          SplittableRandom random = world.random;
          for (int act = 0; act < 15; act++) {
            world.weather =
                new Weather(
                    random.nextDouble(0.3), 0, 1 + random.nextLong(80), random.nextDouble(0.2));
            Host host = world.hosts.get(random.nextInt(nodes));
            switch (random.nextInt(5)) {
              case 0 -> host.set(Condition.MACHINE_GONE);
              case 1 -> host.set(Condition.PROCESS_GONE);
              case 2 -> {
                if (host.condition == Condition.RUNNING) {
                  host.set(Condition.PROCESS_STOPPED);
                }
              }
              case 3 -> {
                int cut = random.nextInt(nodes);
                world.link =
                    (from, to) -> world.hosts.indexOf(from) < cut == world.hosts.indexOf(to) < cut;
              }
              default -> world.link = (_, _) -> true;
            }
            world.run(random.nextLong(8_000));
            if (host.condition == Condition.PROCESS_STOPPED) {
              host.set(Condition.RUNNING);
            } else if (host.condition != Condition.RUNNING && random.nextBoolean()) {
              host.restart(world.seeds());
            }
          }
          world.link = (_, _) -> true;
          world.weather = Weather.FAIR;
          world.run(40_000);
          assertConverged(world);
        });
  }
}
