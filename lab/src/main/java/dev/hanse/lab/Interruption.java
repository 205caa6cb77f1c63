package dev.hanse.lab;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What happens when Ctrl-C or SIGTERM comes while a lab is being made or shown: nothing of it
 * stays.
 */
final class Interruption {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Interruption() {}

  /**
   * Runs {@code body}; when the program is asked to end meanwhile, the body is interrupted, and
   * then the lab is taken down if this program made it.
   */
  static <T> T guard(
      Directories directories, String lab, Consumer<String> progress, Supplier<T> body) {
    Thread worker = Thread.currentThread();
    CountDownLatch ended = new CountDownLatch(1);
    Thread cleaner =
        new Thread(
            () -> {
              worker.interrupt();
              await(ended);
              takeDown(directories, lab, progress);
            },
            "take-down");
    Runtime.getRuntime().addShutdownHook(cleaner);
    try {
      return body.get();
    } finally {
      ended.countDown();
      release(cleaner);
    }
  }

  private static void await(CountDownLatch ended) {
    try {
      ended.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void takeDown(Directories directories, String name, Consumer<String> progress) {
    long self = ProcessHandle.current().pid();
    LabState.read(directories.state(name))
        .filter(state -> state.maker().pid() == self)
        .flatMap(state -> Lab.find(directories, name))
        .ifPresent(lab -> lab.down(progress));
  }

  private static void release(Thread cleaner) {
    try {
      Runtime.getRuntime().removeShutdownHook(cleaner);
    } catch (IllegalStateException endingAlready) {
      // The cleaner runs: it takes the lab down, and the program ends with it.
      return;
    }
  }
}
