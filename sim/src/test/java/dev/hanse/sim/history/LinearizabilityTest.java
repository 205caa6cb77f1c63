package dev.hanse.sim.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.sim.history.Linearizability.Verdict;
import dev.hanse.sim.history.Register.Action;
import dev.hanse.sim.history.Register.Action.Exchange;
import dev.hanse.sim.history.Register.Action.Make;
import dev.hanse.sim.history.Register.Action.Read;
import dev.hanse.sim.history.Register.Action.Remove;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class LinearizabilityTest {
  private static Operation<Action> done(Action action, long called, long returned) {
    return new Operation<>("client", action, called, returned);
  }

  private static Operation<Action> open(Action action, long called) {
    return new Operation<>("client", action, called, Operation.NEVER);
  }

  @SafeVarargs
  @SuppressWarnings("varargs") // List.of copies what it is given.
  private static Verdict check(Operation<Action>... operations) {
    return Linearizability.check(new Register(), List.of(operations));
  }

  private static Read read(String value) {
    return new Read(Optional.of(value));
  }

  @Test
  void whatHappensOneAfterTheOtherIsPossible() {
    assertThat(
            check(
                done(new Make("a"), 0, 1),
                done(new Exchange("a", "b"), 2, 3),
                done(read("b"), 4, 5),
                done(new Remove(), 6, 7),
                done(new Read(Optional.empty()), 8, 9)))
        .isInstanceOf(Verdict.Possible.class);
  }

  @Test
  void operationsAtTheSameTimeMayTakeEffectInAnyOrder() {
    assertThat(
            check(
                done(new Make("a"), 0, 10),
                done(new Exchange("b", "c"), 0, 10),
                done(new Exchange("a", "b"), 0, 10)))
        .isInstanceOf(Verdict.Possible.class);
  }

  @Test
  void aLostWriteIsFound() {
    assertThat(
            check(
                done(new Make("a"), 0, 1),
                done(new Exchange("a", "b"), 2, 3),
                done(read("a"), 4, 5)))
        .isInstanceOf(Verdict.Impossible.class);
  }

  @Test
  void twoExchangesOfTheSameValueAreFound() {
    assertThat(
            check(
                done(new Make("a"), 0, 1),
                done(new Exchange("a", "b"), 2, 9),
                done(new Exchange("a", "c"), 2, 9)))
        .isInstanceOf(Verdict.Impossible.class);
  }

  @Test
  void writesInAnotherOrderThanTheirAnswersAreFound() {
    assertThat(
            check(
                done(new Make("a"), 0, 1),
                done(new Exchange("b", "c"), 2, 3),
                done(new Exchange("a", "b"), 4, 5)))
        .isInstanceOf(Verdict.Impossible.class);
  }

  @Test
  void whatWasNotAnsweredMayHaveHappenedOrNot() {
    assertThat(
            check(
                done(new Make("a"), 0, 1),
                open(new Exchange("a", "b"), 2),
                done(read("a"), 50, 51)))
        .isInstanceOf(Verdict.Possible.class);
    assertThat(
            check(
                done(new Make("a"), 0, 1),
                open(new Exchange("a", "b"), 2),
                done(read("b"), 50, 51)))
        .isInstanceOf(Verdict.Possible.class);
    assertThat(
            check(
                done(new Make("a"), 0, 1),
                open(new Exchange("a", "b"), 20),
                done(read("b"), 10, 11)))
        .isInstanceOf(Verdict.Impossible.class);
  }
}
