package dev.hanse.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.control.sim.World;
import dev.hanse.model.Annotations;
import dev.hanse.model.Resource;
import dev.hanse.model.Service;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The list of passes: what one of them writes or throws concerns the others only as it should. */
class PassesTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static Resource resource(String id) {
    return Resource.newBuilder()
        .setId(id)
        .setAnnotations(Annotations.newBuilder().setName(id))
        .build();
  }

  /** Writes half of its work and throws. */
  private static final class Broken implements Pass {
    private final List<Boolean> full = new ArrayList<>();
    private boolean broken = true;

    @Override
    public String name() {
      return "broken";
    }

    @Override
    public void run(Look look) {
      full.add(look.scope().everything());
      if (broken) {
        look.transaction().put(Kind.RESOURCE, resource("half"));
        throw new StackOverflowError();
      }
    }
  }

  /** Notes which services and resources it is told of. */
  private static final class Listener implements Pass {
    private final List<String> told = new ArrayList<>();

    @Override
    public String name() {
      return "listener";
    }

    @Override
    public void run(Look look) {
      told.addAll(look.scope().servicesWithId());
      told.addAll(look.scope().changed(Kind.RESOURCE));
    }
  }

  private static Context context(Instant now) {
    return new Context(Times.timestamp(now), new SplittableRandom(1));
  }

  @Test
  void no_two_passes_have_the_same_name() {
    assertThat(Passes.standard()).extracting(Pass::name).doesNotHaveDuplicates().isNotEmpty();
  }

  @Test
  @Tag("attack")
  void a_pass_that_throws_as_a_whole_stops_no_other_and_is_made_up_for() {
    World world = new World(1);
    world.initialize();
    Snapshot state = world.snapshot();
    Broken broken = new Broken();
    Passes passes =
        new Passes(Stream.concat(Stream.of(broken), Passes.standard().stream()).toList());

    PassResult first = passes.run(state, context(NOW), DirtyKeys.full());
    assertThat(first.faults()).extracting(PassFault::subject).containsExactly("pass broken");
    Snapshot after = state.preview(first.changes());
    assertThat(after.all(Kind.RESOURCE)).as("half of its work").isEmpty();
    assertThat(after.ingressNetwork().orElseThrow().hasDriverState()).as("the others").isTrue();
    assertThat(first.nextDeadline().map(Times::instant)).contains(NOW.plusSeconds(1));

    broken.broken = false;
    passes.run(after, context(NOW.plusMillis(500)), new DirtyKeys());
    PassResult last = passes.run(after, context(NOW.plusSeconds(1)), new DirtyKeys());
    assertThat(broken.full).as("not sooner than it may").containsExactly(true, false, true);
    assertThat(last.faults()).isEmpty();
    assertThat(Times.instant(last.nextDeadline().orElseThrow()))
        .isAfter(NOW.plus(Duration.ofMinutes(1)));
  }

  @Test
  void what_a_pass_writes_is_looked_at_by_those_behind_it() {
    Pass writer =
        new Pass() {
          @Override
          public String name() {
            return "writer";
          }

          @Override
          public void run(Look look) {
            look.transaction().put(Kind.SERVICE, Service.newBuilder().setId("made").build());
            look.transaction().put(Kind.RESOURCE, resource("made too"));
            look.isolation()
                .run(
                    "resource",
                    "undone",
                    () -> {
                      look.transaction().put(Kind.RESOURCE, resource("undone"));
                      throw new IllegalStateException("poison");
                    });
          }
        };
    Listener before = new Listener();
    Listener behind = new Listener();
    new Passes(List.of(before, writer, behind))
        .run(Snapshot.empty(), context(NOW), new DirtyKeys());
    assertThat(before.told).isEmpty();
    assertThat(behind.told).containsExactly("made", "made too");
  }
}
