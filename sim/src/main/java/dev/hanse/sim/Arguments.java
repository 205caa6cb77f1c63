package dev.hanse.sim;

import dev.hanse.text.Form;
import java.util.Iterator;
import java.util.List;

/**
 * What {@code bin/sim} was asked.
 *
 * @param seeds how many
 * @param from the first
 * @param jobs how many at once
 * @param trace whether a failing seed's whole trace is printed
 * @param verbose whether each seed gets a line
 */
record Arguments(int seeds, long from, int jobs, boolean trace, boolean verbose) {
  private static final Form NUMBER = Form.of("-?[0-9]{1,18}", 19);

  static final String USAGE =
      """
      usage: bin/sim [--seeds N] [--from SEED] [--jobs N] [--trace] [--verbose]
        --seeds N     so many seeds (100)
        --from SEED   beginning with this one (drawn by lot, and printed)
        --jobs N      so many at once (the number of processors)
        --trace       of a failing seed print everything that happened, not only the end
        --verbose     a line for each seed\
      """;

  static Arguments parse(List<String> words) {
    int seeds = 100;
    long from = Math.floorMod(System.nanoTime(), 1_000_000_000L);
    int jobs = Runtime.getRuntime().availableProcessors();
    boolean trace = false;
    boolean verbose = false;
    Iterator<String> rest = words.iterator();
    while (rest.hasNext()) {
      String word = rest.next();
      switch (word) {
        case "--seeds" -> seeds = Math.toIntExact(number(word, rest));
        case "--from" -> from = number(word, rest);
        case "--jobs" -> jobs = Math.toIntExact(number(word, rest));
        case "--trace" -> trace = true;
        case "--verbose" -> verbose = true;
        default -> throw new IllegalArgumentException("unknown argument " + word);
      }
    }
    if (seeds < 1 || jobs < 1) {
      throw new IllegalArgumentException("--seeds and --jobs begin at 1");
    }
    return new Arguments(seeds, from, jobs, trace, verbose);
  }

  private static long number(String word, Iterator<String> rest) {
    if (!rest.hasNext()) {
      throw new IllegalArgumentException(word + " needs a number");
    }
    String text = rest.next();
    if (!NUMBER.fits(text)) {
      throw new IllegalArgumentException(word + " needs a number, not " + text);
    }
    return Long.parseLong(text);
  }
}
