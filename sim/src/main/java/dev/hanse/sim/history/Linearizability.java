package dev.hanse.sim.history;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Looks for an order in which the operations on one object, one after the other, give the answers
 * that were given, while each takes effect between its call and its answer. The search is that of
 * Wing and Gong, "Testing and Verifying Concurrent Objects" (1993), with Lowe's remembering of
 * states already tried (2017). Operations without an answer may take effect at any time after their
 * call, or never.
 */
public final class Linearizability {
  /** Steps of the search after which it gives up. */
  private static final int STEPS_MAX = 2_000_000;

  private Linearizability() {}

  /** What the search has found. */
  public sealed interface Verdict {
    /** There is such an order. */
    record Possible() implements Verdict {}

    /**
     * There is none.
     *
     * @param text how far the longest attempt came, for people
     */
    record Impossible(String text) implements Verdict {}

    /** Too many operations at once to tell. */
    record Unknown() implements Verdict {}
  }

  private record Tried<S>(BitSet done, S state) {}

  /** Judges the operations on one object. */
  public static <S, A> Verdict check(SequentialModel<S, A> model, List<Operation<A>> operations) {
    List<Operation<A>> sorted =
        operations.stream().sorted(Comparator.comparingLong(Operation::called)).toList();
    BitSet required = new BitSet();
    for (int i = 0; i < sorted.size(); i++) {
      required.set(i, !sorted.get(i).isOpen());
    }
    ArrayDeque<Tried<S>> open = new ArrayDeque<>();
    Set<Tried<S>> tried = new HashSet<>();
    Tried<S> longest = new Tried<>(new BitSet(), model.initial());
    open.push(longest);
    int steps = 0;
    while (!open.isEmpty()) {
      Tried<S> present = open.pop();
      if (present.done().cardinality() > longest.done().cardinality()) {
        longest = present;
      }
      if (contains(present.done(), required)) {
        return new Verdict.Possible();
      }
      long bound = firstReturn(sorted, present.done());
      for (int i = sorted.size() - 1; i >= 0; i--) {
        if (++steps > STEPS_MAX) {
          return new Verdict.Unknown();
        }
        Operation<A> next = sorted.get(i);
        if (!present.done().get(i) && next.called() <= bound) {
          int index = i;
          Optional<Tried<S>> after =
              model.after(present.state(), next.action()).map(state -> with(present, index, state));
          after.filter(tried::add).ifPresent(open::push);
        }
      }
    }
    return new Verdict.Impossible(describe(sorted, longest));
  }

  private static <S> Tried<S> with(Tried<S> present, int index, S state) {
    BitSet done = (BitSet) present.done().clone();
    done.set(index);
    return new Tried<>(done, state);
  }

  private static boolean contains(BitSet all, BitSet some) {
    BitSet missing = (BitSet) some.clone();
    missing.andNot(all);
    return missing.isEmpty();
  }

  /** Nothing that was called after this may come before what is not done yet. */
  private static <A> long firstReturn(List<Operation<A>> operations, BitSet done) {
    long first = Operation.NEVER;
    for (int i = 0; i < operations.size(); i++) {
      if (!done.get(i)) {
        first = Math.min(first, operations.get(i).returned());
      }
    }
    return first;
  }

  private static <S, A> String describe(List<Operation<A>> operations, Tried<S> longest) {
    StringBuilder text = new StringBuilder("no order explains these; the longest reaches ");
    text.append(longest.state()).append(":\n");
    for (int i = 0; i < operations.size(); i++) {
      Operation<A> operation = operations.get(i);
      text.append(longest.done().get(i) ? "  + " : "  - ")
          .append(operation.client())
          .append(" [")
          .append(operation.called())
          .append(", ")
          .append(operation.isOpen() ? "?" : String.valueOf(operation.returned()))
          .append("] ")
          .append(operation.action())
          .append('\n');
    }
    return text.toString();
  }
}
