package dev.hanse.agent;

import dev.hanse.health.Health;
import dev.hanse.health.LivedTime;
import dev.hanse.health.OwnerThread;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Whether containerd answers, as a condition of the node: it is asked every now and then, so that
 * nobody who asks for the node's health has to wait for it. A restart of containerd takes less than
 * it may be silent.
 */
final class ContainerdWatch implements AutoCloseable {
  static final Duration SILENCE_MAX = Duration.ofSeconds(8);

  private static final Duration INTERVAL = Duration.ofSeconds(2);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);

  private final Predicate<Duration> answers;
  private final LongSupplier clock;
  private final Health.Part part;
  private final OwnerThread thread;
  private volatile long answeredNanos;

  private ContainerdWatch(Health health, Predicate<Duration> answers, LongSupplier clock) {
    this.answers = answers;
    this.clock = clock;
    this.answeredNanos = clock.getAsLong();
    this.part = health.condition("containerd", true, this::fault);
    this.thread =
        OwnerThread.named(health, "hanse-containerd-watch").virtual().every(INTERVAL, this::ask);
  }

  /**
   * Begins to ask.
   *
   * @param answers whether it answers within a time, which it may take
   */
  static ContainerdWatch start(Health health, Predicate<Duration> answers) {
    ContainerdWatch watch = of(health, answers, LivedTime.ofProcess()::now);
    watch.thread.start();
    return watch;
  }

  /** One that asks only when told to. */
  static ContainerdWatch of(Health health, Predicate<Duration> answers, LongSupplier clock) {
    return new ContainerdWatch(health, answers, clock);
  }

  void ask() {
    if (answers.test(ANSWER_WITHIN)) {
      answeredNanos = clock.getAsLong();
    }
  }

  private Optional<String> fault() {
    return clock.getAsLong() - answeredNanos > SILENCE_MAX.toNanos()
        ? Optional.of("does not answer")
        : Optional.empty();
  }

  @Override
  public void close() {
    thread.close();
    part.close();
  }
}
