package dev.hanse.runtime.images;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.kernel.file.Racer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RootfsReaderTest {
  @TempDir Path directory;

  private Path layer(String name, String passwd) throws Exception {
    Path layer = Files.createDirectories(directory.resolve(name));
    Files.createDirectories(layer.resolve("etc"));
    Files.writeString(layer.resolve("etc/passwd"), passwd);
    return layer;
  }

  private static Optional<String> passwd(Path... layers) {
    return new RootfsReader(List.of(layers)).file("/etc/passwd");
  }

  @Test
  void the_uppermost_layer_counts_and_links_stay_in_the_image() throws Exception {
    Path lower = layer("lower", "lower");
    Path upper = Files.createDirectories(directory.resolve("upper"));
    assertThat(passwd(upper, lower)).contains("lower");
    assertThat(passwd(layer("other", "other"), lower)).contains("other");

    Files.createDirectories(upper.resolve("etc"));
    Files.createSymbolicLink(upper.resolve("etc/passwd"), Path.of("../../../users"));
    assertThat(passwd(upper, lower)).isEmpty();
    Files.writeString(lower.resolve("users"), "linked");
    assertThat(passwd(upper, lower)).contains("linked");

    Path leading = Files.createDirectories(directory.resolve("leading"));
    Files.createSymbolicLink(leading.resolve("etc"), Path.of("/etc"));
    assertThat(passwd(leading)).isEmpty();
  }

  @Test
  @Tag("attack")
  void a_link_to_the_root_or_to_itself_is_no_file() throws Exception {
    for (String target : List.of("/", "..", "/..", "../.", "passwd", "/etc/passwd/")) {
      Path layer = Files.createTempDirectory(directory, "layer");
      Files.createDirectories(layer.resolve("etc"));
      Files.createSymbolicLink(layer.resolve("etc/passwd"), Path.of(target));
      assertThat(passwd(layer)).as(target).isEmpty();
    }
  }

  @Test
  @Tag("attack")
  void a_directory_exchanged_with_a_link_shows_no_file_of_the_host() throws Exception {
    Path layer = layer("layer", "image");
    Path host = layer("host", "host");
    Path link = Files.createSymbolicLink(layer.resolve("link"), host.resolve("etc"));
    int found = 0;
    try (Racer racer = Racer.between(layer.resolve("etc"), link)) {
      for (int round = 0; round < 4_000; round++) {
        Optional<String> text = passwd(layer);
        assertThat(text.orElse("")).isIn("image", "");
        found += text.isPresent() ? 1 : 0;
      }
      assertThat(racer.exchanges()).isPositive();
    }
    assertThat(found).isPositive();
  }
}
