package dev.hanse.text;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What a regular expression grows to, reckoned from its text without compiling it: counted
 * repetitions are written out by the compiler, so {@code (a{1000}){1000}} is a million
 * instructions. Both values are at least the true ones.
 *
 * @param size instructions
 * @param depth groups within each other
 */
record ExpressionBounds(long size, int depth) {
  /** Compiler and matcher go down by recursion: fit for a stack of half a megabyte. */
  static final int DEPTH_MAX = 100;

  private static final long UNBOUNDED = 1L << 40;

  /** Reckons; what it is not sure how to read it takes for unbounded. */
  static ExpressionBounds of(String expression) {
    return new Reader(expression).read();
  }

  private static final class Reader {
    private final String text;
    private final Deque<Long> outer = new ArrayDeque<>();
    private boolean counted;
    private boolean doubtful;

    /** Of the group that is being read, without its last element. */
    private long sum;

    private long last;
    private int depth;

    Reader(String text) {
      this.text = text;
    }

    ExpressionBounds read() {
      int at = 0;
      while (at < text.length()) {
        at = element(at);
      }
      long size = sum + last;
      while (!outer.isEmpty()) {
        size += outer.pop();
      }
      return doubtful
          ? new ExpressionBounds(
              counted ? UNBOUNDED : size, (int) text.chars().filter(one -> one == '(').count())
          : new ExpressionBounds(size, depth);
    }

    private int element(int at) {
      switch (text.charAt(at)) {
        case '\\' -> {
          doubtful |= text.startsWith("\\Q", at);
          begin(1);
          return at + 2;
        }
        case '[' -> {
          begin(1);
          return set(at);
        }
        case '(' -> {
          outer.push(sum + last);
          depth = Math.max(depth, outer.size());
          sum = 0;
          last = 2;
        }
        case ')' -> {
          doubtful |= outer.isEmpty();
          long group = sum + last;
          sum = outer.isEmpty() ? 0 : outer.pop();
          last = group;
        }
        case '{' -> {
          return repetition(at);
        }
        case '*', '+', '?' -> last += 2;
        default -> begin(1);
      }
      return at + 1;
    }

    private void begin(long size) {
      sum = Math.min(UNBOUNDED, sum + last);
      last = size;
    }

    /** Only that it ends somewhere; what in it could be taken for a group makes it doubtful. */
    private int set(int open) {
      int at = open + 1;
      while (at < text.length() && (text.charAt(at) != ']' || at == open + 1)) {
        doubtful |= "(){}[^".indexOf(text.charAt(at)) >= 0 && !isNegation(open, at);
        at += text.charAt(at) == '\\' ? 2 : 1;
      }
      return at + 1;
    }

    private boolean isNegation(int open, int at) {
      return at == open + 1 && text.charAt(at) == '^' && !text.startsWith("]", at + 1);
    }

    private int repetition(int open) {
      int close = text.indexOf('}', open);
      String[] counts = close < 0 ? new String[0] : text.substring(open + 1, close).split(",", -1);
      boolean one = counts.length == 1 && Digits.are(counts[0], 4);
      boolean two =
          counts.length == 2
              && Digits.are(counts[0], 4)
              && (counts[1].isEmpty() || Digits.are(counts[1], 4));
      if (!one && !two) {
        begin(1); // Taken as it is, or refused by the compiler.
        return open + 1;
      }
      counted = true;
      long most = Math.max(1, Integer.parseInt(counts[0]));
      if (two && !counts[1].isEmpty()) {
        most = Math.max(most, Integer.parseInt(counts[1]));
      }
      // Those that may be left out have an instruction of their own for that.
      last = Math.min(UNBOUNDED, (two ? last + 1 : last) * most + 2);
      return close + 1;
    }
  }
}
