package dev.hanse.sim;

import dev.hanse.sim.life.Simulation;
import dev.hanse.sim.life.Simulation.Result;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** {@code bin/sim}: runs seeds, says which fail and how to repeat them. */
public final class Main {
  private static final int TRACE_LINES = 60;
  private static final int FAILURES_SHOWN_MAX = 10;

  private Main() {}

  /** Exits with 1 if a seed fails, with 2 if it does not understand the arguments. */
  public static void main(String[] arguments) throws InterruptedException {
    Arguments asked;
    try {
      asked = Arguments.parse(List.of(arguments));
    } catch (IllegalArgumentException unclear) {
      System.err.println("bin/sim: " + unclear.getMessage());
      System.err.println(Arguments.USAGE);
      System.exit(2);
      return;
    }
    System.exit(run(asked, System.out) == 0 ? 0 : 1);
  }

  /** Runs the seeds; returns how many fail. */
  static int run(Arguments asked, PrintStream out) throws InterruptedException {
    AtomicInteger failed = new AtomicInteger();
    AtomicLong events = new AtomicLong();
    AtomicLong virtual = new AtomicLong();
    AtomicLong processor = new AtomicLong();
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long began = System.nanoTime();
    try (ExecutorService workers = Executors.newFixedThreadPool(asked.jobs())) {
      for (long seed = asked.from(); seed < asked.from() + asked.seeds(); seed++) {
        long mine = seed;
        workers.execute(
            () -> {
              long before = threads.getCurrentThreadCpuTime();
              Result result = Simulation.run(mine, Simulation.options(mine), false);
              long used = threads.getCurrentThreadCpuTime() - before;
              processor.addAndGet(used);
              events.addAndGet(result.events());
              virtual.addAndGet(result.nanos());
              if (asked.verbose()) {
                out.printf(
                    "seed %d: %016x, %d events, %d entries, %d writes, %d s, %d ms%n",
                    mine,
                    result.hash(),
                    result.events(),
                    result.entries(),
                    result.writes(),
                    result.nanos() / 1_000_000_000,
                    used / 1_000_000);
              }
              if (result.failure().isPresent() && failed.incrementAndGet() <= FAILURES_SHOWN_MAX) {
                show(result, asked, out);
              }
            });
      }
      workers.shutdown();
      while (!workers.awaitTermination(1, TimeUnit.MINUTES)) {
        out.flush();
      }
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    out.printf(
        "%d seeds from %d: %d clean, %d failed; %.0f s, %.1f seeds/s, %.0f processor ms each, %d"
            + " million events, %.1f virtual hours%n",
        asked.seeds(),
        asked.from(),
        asked.seeds() - failed.get(),
        failed.get(),
        seconds,
        asked.seeds() / seconds,
        processor.get() / 1e6 / asked.seeds(),
        events.get() / 1_000_000,
        virtual.get() / 3.6e12);
    return failed.get();
  }

  /** The end of the trace, from a second run of the same seed. */
  private static void show(Result result, Arguments asked, PrintStream out) {
    Result again = Simulation.run(result.seed(), Simulation.options(result.seed()), true);
    List<String> lines = again.trace();
    int from = asked.trace() ? 0 : Math.max(0, lines.size() - TRACE_LINES);
    synchronized (out) {
      out.printf("%nseed %d FAILED: %s%n", result.seed(), result.failure().orElseThrow());
      if (again.hash() != result.hash()) {
        out.println(
            "and it does not repeat itself: something is random that does not come from the seed");
      }
      lines.subList(from, lines.size()).forEach(line -> out.println("  " + line));
      if (!(result.failure().get() instanceof dev.hanse.sim.check.Violation violation
          && violation.getCause() == null)) {
        result.failure().get().printStackTrace(out);
      }
      out.printf("repeat: bin/sim --seeds 1 --from %d --trace%n", result.seed());
    }
  }
}
