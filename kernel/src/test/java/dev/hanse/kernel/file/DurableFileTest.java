package dev.hanse.kernel.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that are there whole or not at all, and records that know when they are not. */
@Tag("attack")
class DurableFileTest {
  private static final int BYTES_MAX = 1000;

  @TempDir private Path directory;

  private Path file() {
    return directory.resolve("record");
  }

  private Optional<String> read() throws IOException {
    return DurableRecord.read(
        file(), BYTES_MAX, content -> new String(content, StandardCharsets.UTF_8));
  }

  @Test
  void who_looks_while_it_is_replaced_sees_one_of_the_two() throws Exception {
    byte[] one = bytes(1, 100_000);
    byte[] other = bytes(2, 50_000);
    DurableFile.replace(file(), one);
    AtomicBoolean ends = new AtomicBoolean();
    AtomicReference<Throwable> fault = new AtomicReference<>();
    Thread writer =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    for (int round = 0; round < 300; round++) {
                      DurableFile.replaceUntilBoot(file(), round % 2 == 0 ? other : one);
                    }
                  } catch (IOException broken) {
                    fault.set(broken);
                  } finally {
                    ends.set(true);
                  }
                });
    while (!ends.get()) {
      byte[] seen = Files.readAllBytes(file());
      assertThat(Arrays.equals(seen, one) || Arrays.equals(seen, other)).isTrue();
    }
    writer.join();
    assertThat(fault.get()).isNull();
  }

  @Test
  void a_writer_that_fails_leaves_the_file_as_it_was_and_nothing_else() throws IOException {
    DurableFile.replace(file(), "before");
    assertThatThrownBy(
            () ->
                DurableFile.replace(
                    file(),
                    OwnFiles.OWNER_FILE,
                    out -> {
                      out.write(ByteBuffer.wrap(new byte[100]));
                      throw new IOException("the disk is full");
                    }))
        .hasMessage("the disk is full");
    assertThat(file()).hasContent("before");
    assertThat(names()).containsExactly("record");
  }

  @Test
  void what_a_crash_has_left_is_in_nobodys_way() throws IOException {
    Files.writeString(directory.resolve("record.tmp"), "half of it, and much longer than the rest");
    DurableFile.replace(file(), 0644, "whole".getBytes(StandardCharsets.UTF_8));
    assertThat(file()).hasContent("whole");
    assertThat((Integer) Files.getAttribute(file(), "unix:mode") & 07777).isEqualTo(0644);
    Files.writeString(directory.resolve("other.tmp"), "half");
    DurableFile.removeUnfinished(directory);
    assertThat(names()).containsExactly("record");
  }

  @Test
  void a_record_that_was_cut_anywhere_is_set_aside() throws IOException {
    DurableRecord.write(file(), "the content of a record");
    byte[] whole = Files.readAllBytes(file());
    for (int length = 0; length < whole.length; length++) {
      Files.write(file(), Arrays.copyOf(whole, length));
      assertThat(read()).as("%d of %d bytes", length, whole.length).isEmpty();
      assertThat(names()).containsExactly("record.broken");
      Files.delete(DurableFile.broken(file()));
    }
    Files.write(file(), whole);
    assertThat(read()).contains("the content of a record");
  }

  @Test
  void a_record_with_any_other_byte_is_set_aside() throws IOException {
    DurableRecord.writeUntilBoot(file(), "text".getBytes(StandardCharsets.UTF_8));
    byte[] whole = Files.readAllBytes(file());
    for (int at = 15; at < whole.length; at++) { // Before that it is an earlier version's.
      byte[] altered = whole.clone();
      altered[at] ^= 1;
      Files.write(file(), altered);
      assertThat(read()).as("byte %d", at).isEmpty();
    }
    Files.write(file(), Arrays.copyOf(whole, whole.length + 1));
    assertThat(read()).isEmpty();
  }

  @Test
  void garbage_is_set_aside_by_its_reader_whatever_that_throws() throws IOException {
    Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      byte[] garbage = new byte[1 + random.nextInt(100)];
      random.nextBytes(garbage);
      Files.write(file(), garbage);
      boolean refused = round % 2 == 0;
      Optional<Object> read =
          DurableRecord.read(
              file(),
              BYTES_MAX,
              content -> {
                if (refused) {
                  throw new IOException("no sense");
                }
                throw new IllegalArgumentException("no number");
              });
      assertThat(read).isEmpty();
      assertThat(names()).containsExactly("record.broken");
    }
  }

  @Test
  void a_record_has_as_many_bytes_as_its_reader_takes_and_no_more() throws IOException {
    DurableRecord.write(file(), "x".repeat(BYTES_MAX));
    assertThat(read()).contains("x".repeat(BYTES_MAX));
    DurableRecord.write(file(), "x".repeat(BYTES_MAX + 1));
    assertThat(read()).isEmpty();
    assertThat(names()).containsExactly("record.broken");
  }

  @Test
  @Timeout(20)
  void what_is_no_file_is_refused_by_its_name() throws Exception {
    assertThat(new ProcessBuilder("mkfifo", file().toString()).start().waitFor()).isZero();
    assertThatThrownBy(this::read).hasMessage(file() + " is no regular file: move it away");
    Files.delete(file());
    Files.createDirectory(file());
    assertThatThrownBy(this::read).hasMessage(file() + " is no regular file: move it away");
    Files.delete(file());
    Files.createSymbolicLink(file(), directory.resolve("nowhere"));
    assertThatThrownBy(this::read).hasMessage(file() + " is no regular file: move it away");
  }

  @Test
  void a_directory_that_is_named_like_an_unfinished_file_stays() throws IOException {
    Path foreign = Files.createDirectories(directory.resolve("x.tmp/y"));
    Files.writeString(directory.resolve("record.tmp"), "half of it");
    DurableFile.removeUnfinished(directory);
    assertThat(foreign).exists();
    assertThat(names()).containsExactly("x.tmp");
  }

  @Test
  void an_empty_content_is_no_empty_file_and_an_earlier_versions_file_is_its_readers()
      throws IOException {
    assertThat(read()).isEmpty();
    DurableRecord.write(file(), "");
    assertThat(read()).contains("");
    Files.writeString(file(), "10.0.0.1:2377\n");
    assertThat(read()).contains("10.0.0.1:2377\n");
  }

  private Stream<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList().stream();
    }
  }

  private static byte[] bytes(int value, int count) {
    byte[] bytes = new byte[count];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}
