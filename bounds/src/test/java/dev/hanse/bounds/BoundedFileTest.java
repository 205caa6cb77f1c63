package dev.hanse.bounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("attack")
final class BoundedFileTest {
  @TempDir Path directory;

  @Test
  void aFileHasAsManyBytesAsAllowedAndNotOneMore() throws IOException {
    Path file = Files.write(directory.resolve("file"), new byte[10]);
    assertThat(BoundedFile.bytes(file, 10)).hasSize(10);
    assertThatThrownBy(() -> BoundedFile.bytes(file, 9))
        .hasMessage(file + " has more than 9 bytes");
    assertThatThrownBy(() -> BoundedFile.bytes(directory.resolve("none"), 10))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  @Timeout(20)
  void aPipeIsNotWaitedFor() throws Exception {
    Path pipe = directory.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    assertThatThrownBy(() -> BoundedFile.bytes(pipe, 10)).hasMessage(pipe + " is no regular file");
    assertThatThrownBy(() -> BoundedFile.bytes(directory, 10))
        .hasMessage(directory + " is no regular file");
  }
}
