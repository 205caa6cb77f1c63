package dev.hanse.runtime.process;

import dev.hanse.kernel.process.LimitedProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** The host's processes, as its ps(1) prints them. */
public final class HostProcesses {
  private static final int OUTPUT_BYTES_MAX = 4 << 20;
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private HostProcesses() {}

  /**
   * What ps printed, warnings among it.
   *
   * @param succeeded whether it ended well and in time; else the text says what it did not like
   * @param text at most 4 MiB
   */
  public record Listing(boolean succeeded, String text) {}

  /**
   * Runs ps.
   *
   * @param arguments for ps; no shell reads them
   * @throws IOException if there is no ps
   */
  public static Listing list(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ps"));
    command.addAll(arguments);
    LimitedProcess.Outcome ps =
        LimitedProcess.run(
            new ProcessBuilder(command).redirectErrorStream(true), LIMIT, OUTPUT_BYTES_MAX);
    return new Listing(ps.code().equals(OptionalInt.of(0)), ps.text());
  }
}
