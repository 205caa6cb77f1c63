package dev.hanse.agent.mount;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScopedPathTest {
  @TempDir Path root;

  @BeforeEach
  void makeFiles() throws IOException {
    Files.createDirectories(root.resolve("data/sub"));
    Files.createSymbolicLink(root.resolve("absolute"), Path.of("/data/sub"));
    Files.createSymbolicLink(root.resolve("data/climbing"), Path.of("../../../../data"));
    Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));
    Files.createSymbolicLink(root.resolve("host"), Path.of("/etc/passwd"));
  }

  @Test
  void linksAreFollowedWithinTheRoot() throws IOException {
    assertThat(ScopedPath.resolve(root, "/data/sub")).contains(root.resolve("data/sub"));
    assertThat(ScopedPath.resolve(root, "/absolute")).contains(root.resolve("data/sub"));
    assertThat(ScopedPath.resolve(root, "/data/climbing/sub")).contains(root.resolve("data/sub"));
    assertThat(ScopedPath.resolve(root, "/../../data")).contains(root.resolve("data"));
  }

  @Test
  void nothingOutsideIsFound() throws IOException {
    assertThat(ScopedPath.resolve(root, "/host")).isEmpty();
    assertThat(ScopedPath.resolve(root, "/loop")).isEmpty();
    assertThat(ScopedPath.resolve(root, "/nothing")).isEmpty();
  }
}
