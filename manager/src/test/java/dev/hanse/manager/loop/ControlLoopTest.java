package dev.hanse.manager.loop;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.ConfigCommand.CreateConfig;
import dev.hanse.control.command.ConfigCommand.UpdateConfig;
import dev.hanse.health.Health;
import dev.hanse.model.Annotations;
import dev.hanse.model.Config;
import dev.hanse.model.ConfigSpec;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Commands go in, committed state comes out. */
final class ControlLoopTest {
  private final Store store = new Store(Snapshot.empty());
  private final ControlLoop loop =
      new ControlLoop(new Health(), store, InstantSource.system(), new SplittableRandom(1));
  private final ScriptedLog log = new ScriptedLog(loop.state());

  @BeforeEach
  void start() {
    loop.start(log, term -> {});
  }

  @AfterEach
  void stop() {
    log.release();
    loop.close();
  }

  @Test
  void anAcceptedCommandIsVisibleWhenItIsAnswered() throws Exception {
    assertThat(create("one")).isInstanceOf(Decision.Accepted.class);
    assertThat(store.snapshot().findByName(Kind.CONFIG, "one")).isPresent();
    assertThat(rejection(create("one"))).isInstanceOf(Rejection.AlreadyExists.class);
  }

  @Test
  void laterCommandsAreDecidedOnWhatIsOnItsWay() throws Exception {
    log.hold();
    CompletableFuture<Decision> first = submit("one");
    log.awaitHeld(1);
    CompletableFuture<Decision> other = submit("two");
    log.awaitHeld(2);
    Decision same = create("one");
    assertThat(rejection(same)).isInstanceOf(Rejection.AlreadyExists.class);
    assertThat(first).isNotDone();
    assertThat(store.snapshot().all(Kind.CONFIG)).isEmpty();
    log.release();
    assertThat(first).succeedsWithin(60, TimeUnit.SECONDS);
    assertThat(other).succeedsWithin(60, TimeUnit.SECONDS);
    assertThat(store.snapshot().all(Kind.CONFIG)).hasSize(2);
  }

  @Test
  void aFailedEntryIsAnsweredAndForgotten() throws Exception {
    log.hold();
    CompletableFuture<Decision> first = submit("one");
    log.awaitHeld(1);
    CompletableFuture<Decision> second = submit("two");
    log.awaitHeld(2);
    log.failAll("No space left on device");
    for (CompletableFuture<Decision> answer : List.of(first, second)) {
      assertThat(rejection(answer.get(60, TimeUnit.SECONDS)))
          .isEqualTo(new Rejection.Unavailable("No space left on device"));
    }
    assertThat(create("one")).isInstanceOf(Decision.Accepted.class);
    assertThat(store.snapshot().all(Kind.CONFIG)).hasSize(1);
  }

  @Test
  void theVersionThatAReaderSeesIsTheOneToUpdate() throws Exception {
    assertThat(create("one")).isInstanceOf(Decision.Accepted.class);
    for (int round = 0; round < 50; round++) {
      Config config = store.snapshot().findByName(Kind.CONFIG, "one").orElseThrow();
      ConfigSpec.Builder spec = config.getSpec().toBuilder();
      spec.getAnnotationsBuilder().putLabels("round", Integer.toString(round));
      long version = config.getMeta().getVersion().getIndex();
      UpdateConfig update = new UpdateConfig(config.getId(), version, spec.build());
      assertThat(loop.submit(update).get(60, TimeUnit.SECONDS))
          .isInstanceOf(Decision.Accepted.class);
      assertThat(rejection(loop.submit(update).get(60, TimeUnit.SECONDS)).message())
          .contains("update out of sequence");
    }
  }

  @Test
  void aFloodIsRefusedBeyondTheMailboxAndServedWithinIt() throws Exception {
    log.hold();
    List<CompletableFuture<Decision>> answers = new ArrayList<>();
    // The mailbox, what one batch takes out of it, and what is in flight.
    for (int i = 0; i < 3 * ControlLoop.MAILBOX_MAX; i++) {
      answers.add(submit("config" + i));
    }
    assertThat(answers)
        .anySatisfy(
            answer ->
                assertThat(answer)
                    .isCompletedWithValueMatching(
                        decision -> rejection(decision) instanceof Rejection.Exhausted));
    log.release();
    int accepted = 0;
    for (CompletableFuture<Decision> answer : answers) {
      accepted += answer.get(30, TimeUnit.SECONDS) instanceof Decision.Accepted ? 1 : 0;
    }
    assertThat(accepted).isGreaterThanOrEqualTo(ControlLoop.MAILBOX_MAX);
    assertThat(store.snapshot().all(Kind.CONFIG)).hasSize(accepted);
  }

  @Test
  void anObjectThatFillsAnEntryIsRefused() throws Exception {
    ConfigSpec spec =
        ConfigSpec.newBuilder()
            .setAnnotations(Annotations.newBuilder().setName("large"))
            .setData(ByteString.copyFrom(new byte[log.entryBytesMax() * 3 / 4]))
            .build();
    assertThat(rejection(loop.submit(new CreateConfig(spec)).get(60, TimeUnit.SECONDS)))
        .isInstanceOf(Rejection.Invalid.class);
  }

  @Test
  void aStoppedLoopAnswers() throws Exception {
    loop.close();
    assertThat(rejection(create("late"))).isInstanceOf(Rejection.Unavailable.class);
  }

  private Decision create(String name) throws Exception {
    return submit(name).get(60, TimeUnit.SECONDS);
  }

  private CompletableFuture<Decision> submit(String name) {
    return loop.submit(
        new CreateConfig(
            ConfigSpec.newBuilder()
                .setAnnotations(Annotations.newBuilder().setName(name))
                .setData(ByteString.copyFromUtf8("data"))
                .build()));
  }

  private static Rejection rejection(Decision decision) {
    return switch (decision) {
      case Decision.Refused(Rejection rejection) -> rejection;
      case Decision.Accepted accepted -> throw new AssertionError("accepted");
    };
  }
}
