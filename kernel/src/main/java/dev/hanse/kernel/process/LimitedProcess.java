package dev.hanse.kernel.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * A program that is run to its end, and not longer than it may take: neither by itself, nor by a
 * process of its own that outlives it and keeps its output open.
 */
public final class LimitedProcess {
  private static final Duration OUTPUT_WAIT_MAX = Duration.ofSeconds(2);

  private LimitedProcess() {}

  /**
   * How it ended.
   *
   * @param code empty if it was killed because it took too long
   * @param text the beginning of its output
   */
  public record Outcome(OptionalInt code, String text) {
    /** Was it killed? */
    public boolean isOverdue() {
      return code.isEmpty();
    }
  }

  /**
   * Runs it without input.
   *
   * @param outputBytesMax what is more is read and forgotten
   * @throws IOException if it cannot be started
   * @throws InterruptedException if this thread is interrupted; the program is killed then
   */
  public static Outcome run(ProcessBuilder program, Duration limit, int outputBytesMax)
      throws IOException, InterruptedException {
    Process process = program.start();
    CompletableFuture<String> output = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("output of " + process.pid())
        .start(() -> read(process.getInputStream(), outputBytesMax, output));
    try {
      process.getOutputStream().close();
      boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      OptionalInt code = ended ? OptionalInt.of(process.exitValue()) : OptionalInt.empty();
      return new Outcome(code, ended ? soon(output) : "");
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static String soon(CompletableFuture<String> output) throws InterruptedException {
    try {
      return output.completeOnTimeout("", OUTPUT_WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS).get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("reading never fails", impossible);
    }
  }

  private static void read(InputStream stream, int bytesMax, CompletableFuture<String> output) {
    try (stream) {
      output.complete(new String(stream.readNBytes(bytesMax), StandardCharsets.UTF_8));
      long unused = stream.transferTo(OutputStream.nullOutputStream());
    } catch (IOException gone) {
      output.complete("");
    }
  }
}
