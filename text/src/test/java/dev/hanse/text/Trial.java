package dev.hanse.text;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * Throws garbage at decoders of text. Each must read it or refuse it in the way it declares, on a
 * small stack, and a text four times as long may not cost much more than four times as much.
 */
public final class Trial {
  private static final int TEXTS = 400;
  private static final int LENGTH = 8_000;

  /** Four times the text for less than this many times the cost; quadratic work has sixteen. */
  private static final int FACTOR_MAX = 10;

  /** What one pass of hashing costs, so often: work that is not worth a comparison. */
  private static final int TRIFLE_PASSES = 100;

  private static final long STACK_BYTES = 256 << 10;
  private static final long PATIENCE_S = 60;

  /** Something that reads text from outside. */
  @FunctionalInterface
  public interface Reading {
    /** Reads, or refuses with what the decoder declares. */
    Object read(String text) throws Exception;
  }

  /**
   * A decoder.
   *
   * @param name for the message
   * @param refusal how it refuses, besides with a value
   * @param examples what it reads, from which near misses are made
   */
  public record Decoder(
      String name, Class<? extends Exception> refusal, List<String> examples, Reading reading) {}

  private final Decoder decoder;
  private final long seed;

  private Trial(Decoder decoder, long seed) {
    this.decoder = decoder;
    this.seed = seed;
  }

  /** A test for each decoder; a failed one tells by its name how to repeat it. */
  public static Stream<DynamicTest> each(List<Decoder> decoders) {
    long seed = new Random().nextLong();
    return decoders.stream()
        .map(
            decoder ->
                DynamicTest.dynamicTest(
                    decoder.name() + " seed " + seed, () -> run(decoder, seed)));
  }

  /** A decoder that refuses with an exception. */
  public static Decoder refusing(
      Class<? extends Exception> refusal, String name, Reading reading, String... examples) {
    return new Decoder(name, refusal, List.of(examples), reading);
  }

  /** A decoder that never throws. */
  public static Decoder total(String name, Reading reading, String... examples) {
    return new Decoder(name, Never.class, List.of(examples), reading);
  }

  private static final class Never extends Exception {
    private static final long serialVersionUID = 1;
  }

  /** Fails with the decoder's name, the seed and the text that it did not survive. */
  public static void run(Decoder decoder, long seed) {
    new Trial(decoder, seed).run();
  }

  private void run() {
    for (String example : decoder.examples()) {
      within(example, () -> tried(example));
    }
    Garbage garbage = new Garbage(seed);
    List<String> texts = garbage.texts(decoder.examples(), TEXTS);
    for (String text : texts) {
      within(text, () -> tried(text));
    }
    for (Garbage.Growth growth : garbage.growths(decoder.examples())) {
      String shown = growth.toString();
      within(shown, () -> tried(growth.times(2_000)));
      within(shown, () -> grown(growth));
    }
  }

  private Void tried(String text) {
    try {
      decoder.reading().read(text);
    } catch (Throwable thrown) {
      if (!decoder.refusal().isInstance(thrown)) {
        throw new AssertionError(failed(text) + " threw " + thrown, thrown);
      }
    }
    return null;
  }

  private Void grown(Garbage.Growth growth) {
    String small = growth.times(LENGTH);
    String large = growth.times(4 * LENGTH);
    for (int look = 0; look < 4; look++) {
      long cost = cost(() -> tried(large));
      if (cost < FACTOR_MAX * cost(() -> tried(small)) || cost < trifle(large)) {
        return null;
      }
    }
    throw new AssertionError(failed(growth.toString()) + " costs more than its length");
  }

  private static long trifle(String text) {
    return cost(
        () -> {
          int sum = 0;
          for (int pass = 0; pass < TRIFLE_PASSES; pass++) {
            for (int at = 0; at < text.length(); at++) {
              sum = 31 * sum + text.charAt(at);
            }
          }
          return sum;
        });
  }

  private static long cost(java.util.function.Supplier<?> work) {
    var threads = ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadCpuTime();
    Object result = work.get();
    long cost = threads.getCurrentThreadCpuTime() - before;
    return result == Trial.class ? 0 : cost;
  }

  /** On a thread of its own with little stack; one that does not come back is left behind. */
  private void within(String shown, java.util.function.Supplier<?> work) {
    CompletableFuture<Optional<Object>> done = new CompletableFuture<>();
    Thread thread =
        new Thread(
            null,
            () -> {
              try {
                done.complete(Optional.ofNullable(work.get()));
              } catch (Throwable thrown) {
                done.completeExceptionally(thrown);
              }
            },
            "trial of " + decoder.name(),
            STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
    try {
      done.get(PATIENCE_S, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError(failed(shown), e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError(failed(shown) + " does not come back", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private String failed(String text) {
    String shown = text.length() > 200 ? text.substring(0, 200) + "…" : text;
    return decoder.name() + ", seed " + seed + ", with \"" + shown + "\"";
  }
}
