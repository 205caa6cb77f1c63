package dev.hanse.manager.loop;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.hanse.control.Decision;
import dev.hanse.control.Passes;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.Batch;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.ConfigCommand.CreateConfig;
import dev.hanse.manager.loop.ControlStep.Event;
import dev.hanse.model.Annotations;
import dev.hanse.model.ConfigSpec;
import dev.hanse.model.InternalRaftRequest;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** One step after the other, without a thread. */
final class ControlStepTest {
  private final List<Event> mailbox = new ArrayList<>();
  private final StoreState state =
      new StoreState(
          new Store(Snapshot.empty()), leader -> mailbox.add(new Event.Leadership(leader)));

  private ControlStep step(ScriptedLog log) {
    return new ControlStep(
        state,
        log,
        InstantSource.fixed(Instant.EPOCH),
        new Random(1),
        new Passes()::run,
        mailbox::add);
  }

  @Test
  void whatIsInFlightCountsAlsoAfterALeaderWhoseClockIsAhead() {
    state.apply(
        1, InternalRaftRequest.newBuilder().setId(Long.MAX_VALUE / 2).build().toByteArray());
    ScriptedLog log = new ScriptedLog(state);
    log.hold();
    ControlStep step = step(log);
    step.step(drain());
    CompletableFuture<Decision> first = ask("settings");
    step.step(drain());
    CompletableFuture<Decision> second = ask("settings");
    step.step(drain());
    assertThat(first).isNotDone();
    assertThat(second)
        .isCompletedWithValueMatching(
            decision ->
                decision instanceof Decision.Refused refused
                    && refused.rejection() instanceof Rejection.AlreadyExists);
    log.release();
    assertThat(first).isCompletedWithValueMatching(Decision.Accepted.class::isInstance);
  }

  @Test
  void afterARefusedEntryNothingIsDecidedUntilThoseBeforeItHaveLanded() {
    ScriptedLog log = new ScriptedLog(state);
    log.hold();
    ControlStep step = step(log);
    CompletableFuture<Decision> first = ask("first");
    step.step(drain());
    log.refuseNext();
    CompletableFuture<Decision> second = ask("second");
    step.step(drain());
    CompletableFuture<Decision> third = ask("third");
    step.step(drain());
    assertThat(first).isNotDone();
    assertThat(refusal(second)).isEqualTo(new Rejection.Unavailable("refused"));
    assertThat(refusal(third))
        .isEqualTo(new Rejection.Unavailable("an earlier change could not be written"));
    assertThat(step.due()).isEmpty();
    log.release();
    assertThat(first).isCompletedWithValueMatching(Decision.Accepted.class::isInstance);
    CompletableFuture<Decision> again = ask("first");
    CompletableFuture<Decision> fourth = ask("fourth");
    step.step(drain());
    assertThat(refusal(again)).isInstanceOf(Rejection.AlreadyExists.class);
    assertThat(fourth).isCompletedWithValueMatching(Decision.Accepted.class::isInstance);
  }

  @Test
  void aBatchIsOneEntryOfItsOwnAndTheOthersAreNot() {
    ScriptedLog log = new ScriptedLog(state);
    ControlStep step = step(log);
    step.step(drain());
    long before = log.appliedIndex();
    CompletableFuture<Decision> first = ask("first");
    CompletableFuture<Decision> second = ask("second");
    CompletableFuture<Decision> batch =
        ask(new Batch(List.of(config("third", 10), config("fourth", 10)), List.of()));
    CompletableFuture<Decision> fifth = ask("fifth");
    step.step(drain());
    for (CompletableFuture<Decision> answer : List.of(first, second, batch, fifth)) {
      assertThat(answer).isCompletedWithValueMatching(Decision.Accepted.class::isInstance);
    }
    assertThat(log.appliedIndex()).isEqualTo(before + 3 * 3); // The log counts in threes.
  }

  @Test
  void aBatchThatNoEntryHoldsIsRefused() {
    ScriptedLog log = new ScriptedLog(state);
    ControlStep step = step(log);
    step.step(drain());
    int bytes = log.entryBytesMax() / 3;
    CompletableFuture<Decision> two =
        ask(new Batch(List.of(config("a", bytes), config("b", bytes)), List.of()));
    CompletableFuture<Decision> three =
        ask(
            new Batch(
                List.of(config("c", bytes), config("d", bytes), config("e", bytes)), List.of()));
    step.step(drain());
    assertThat(two).isCompletedWithValueMatching(Decision.Accepted.class::isInstance);
    assertThat(refusal(three).message())
        .startsWith("the batch changes more than one entry of the log can hold: ");
    assertThat(state.applied().snapshot().all(Kind.CONFIG)).hasSize(2);
  }

  private static Rejection refusal(CompletableFuture<Decision> answer) {
    assertThat(answer).isCompletedWithValueMatching(Decision.Refused.class::isInstance);
    return ((Decision.Refused) answer.join()).rejection();
  }

  private static CreateConfig config(String name, int bytes) {
    return new CreateConfig(
        ConfigSpec.newBuilder()
            .setAnnotations(Annotations.newBuilder().setName(name))
            .setData(ByteString.copyFrom(new byte[bytes]))
            .build());
  }

  private CompletableFuture<Decision> ask(String name) {
    return ask(config(name, 4));
  }

  private CompletableFuture<Decision> ask(Command command) {
    CompletableFuture<Decision> answer = new CompletableFuture<>();
    mailbox.add(new Event.Asked(command, answer));
    return answer;
  }

  private List<Event> drain() {
    List<Event> events = List.copyOf(mailbox);
    mailbox.clear();
    return events;
  }
}
