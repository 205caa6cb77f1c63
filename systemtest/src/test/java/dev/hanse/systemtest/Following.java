package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** A command that goes on writing lines, read meanwhile. Closing ends the command. */
final class Following implements AutoCloseable {
  private final Process process;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  private Following(Process process) {
    this.process = process;
    Thread.ofVirtual().start(this::read);
  }

  static Following of(Process process) {
    return new Following(process);
  }

  /** Waits until so many lines were as wanted. */
  void awaitLines(int count, Predicate<String> wanted) {
    eventually(
        () ->
            assertThat(lines.stream().filter(wanted))
                .as("of %s", lines)
                .hasSizeGreaterThanOrEqualTo(count));
  }

  /** What has come by now. */
  List<String> lines() {
    return List.copyOf(lines);
  }

  boolean runs() {
    return process.isAlive();
  }

  private void read() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
    } catch (IOException ended) {
      lines.add("(the stream broke: " + ended.getMessage() + ")");
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
