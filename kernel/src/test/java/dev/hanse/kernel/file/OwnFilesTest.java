package dev.hanse.kernel.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.kernel.NativeFunction;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Modes of what is made, whatever the umask and whatever was there before. */
class OwnFilesTest {
  private static final NativeFunction UMASK =
      NativeFunction.ofC("umask", NativeFunction.Result.INT);

  @TempDir private Path directory;
  private final long before = UMASK.value(022);

  @AfterEach
  void restore() {
    UMASK.value(before);
  }

  private static int mode(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:mode") & 07777;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 022, 077, 0777})
  void the_umask_does_not_matter(int umask) throws IOException {
    UMASK.value(umask);
    OwnFiles.directory(directory.resolve("a/b"));
    OwnFiles.directory(directory.resolve("p"), OwnFiles.PASSAGE);
    OwnFiles.directory(directory.resolve("g"), OwnFiles.GROUP_PASSAGE);
    OwnFiles.write(directory.resolve("own"), "text");
    OwnFiles.write(directory.resolve("public"), new byte[] {1}, 0644);
    DurableFile.replace(directory.resolve("replaced"), "whole");
    OwnFiles.create(directory.resolve("empty"));
    OwnFiles.appending(directory.resolve("log"));
    try (FileChannel channel =
        OwnFiles.open(
            directory.resolve("group"),
            OwnFiles.GROUP_FILE,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE)) {
      assertThat(channel.size()).isZero();
    }
    assertThat(mode(directory.resolve("a"))).isEqualTo(0700);
    assertThat(mode(directory.resolve("a/b"))).isEqualTo(0700);
    assertThat(mode(directory.resolve("p"))).isEqualTo(0711);
    assertThat(mode(directory.resolve("g"))).isEqualTo(0710);
    assertThat(mode(directory.resolve("own"))).isEqualTo(0600);
    assertThat(mode(directory.resolve("public"))).isEqualTo(0644);
    assertThat(mode(directory.resolve("replaced"))).isEqualTo(0600);
    assertThat(mode(directory.resolve("empty"))).isEqualTo(0600);
    assertThat(mode(directory.resolve("log"))).isEqualTo(0600);
    assertThat(mode(directory.resolve("group"))).isEqualTo(0640);
    assertThat(directory.resolve("own")).hasContent("text");
    assertThat(directory.resolve("replaced")).hasContent("whole");
    assertThat(directory.resolve("replaced.new")).doesNotExist();
  }

  @Test
  void what_an_earlier_version_left_open_is_closed() throws IOException {
    Path open = Files.createDirectory(directory.resolve("open"));
    Path file = Files.writeString(directory.resolve("file"), "x");
    Files.setAttribute(open, "unix:mode", 0777);
    Files.setAttribute(file, "unix:mode", 0666);
    OwnFiles.directory(open, OwnFiles.GROUP_PASSAGE);
    OwnFiles.appending(file);
    assertThat(mode(open)).isEqualTo(0710);
    assertThat(mode(file)).isEqualTo(0600);
    assertThat(file).hasContent("x");
  }

  @Test
  void what_an_administrator_has_closed_further_stays_so() throws IOException {
    Path closed = Files.createDirectory(directory.resolve("closed"));
    Files.setAttribute(closed, "unix:mode", 0700);
    OwnFiles.directory(closed, OwnFiles.PASSAGE);
    assertThat(mode(closed)).isEqualTo(0700);
  }

  @Test
  void something_else_in_the_way_is_an_error() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    assertThatThrownBy(() -> OwnFiles.directory(file))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> OwnFiles.create(file)).isInstanceOf(FileAlreadyExistsException.class);
  }

  @Test
  void what_exists_is_opened_with_no_mode_and_nothing_is_made() throws IOException {
    Path absent = directory.resolve("absent");
    assertThatThrownBy(() -> OwnFiles.existing(absent)).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> OwnFiles.overwrite(absent, "x"))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(
            () -> OwnFiles.existing(absent, StandardOpenOption.CREATE, StandardOpenOption.WRITE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(absent).doesNotExist();
  }
}
