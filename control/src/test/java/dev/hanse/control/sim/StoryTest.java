package dev.hanse.control.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Plays the scripts under {@code src/test/resources/stories}. Run with {@code
 * -Dstories.rewrite=true} to write the traces anew; the difference is then for review.
 */
class StoryTest {
  private static final Path STORIES = Path.of("src/test/resources/stories");

  static Stream<String> stories() throws IOException {
    try (Stream<Path> files = Files.list(STORIES)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("stories")
  void aStoryGoesAsWritten(String name) {
    Path file = STORIES.resolve(name);
    try {
      String expected = Files.readString(file);
      String played = Story.play(expected);
      if (Boolean.getBoolean("stories.rewrite")) {
        Files.writeString(file, played);
      } else {
        assertThat(played).isEqualTo(expected);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("story " + name, e);
    }
  }
}
