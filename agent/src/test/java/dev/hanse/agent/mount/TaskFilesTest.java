package dev.hanse.agent.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.hanse.kernel.file.FileSystem;
import dev.hanse.kernel.file.Mount;
import dev.hanse.kernel.file.Mounts;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each task's files on a tmpfs of their own, on a real kernel. */
class TaskFilesTest {
  @TempDir private Path run;
  private TaskFiles files;

  @BeforeEach
  void make() throws IOException {
    files = TaskFiles.in(run);
  }

  @AfterEach
  void unmount() throws IOException {
    files.keepOnly(Set.of());
    assertThat(mounts()).isEmpty();
  }

  private List<Mount> mounts() {
    return Mounts.list().stream().filter(mount -> mount.target().startsWith(run)).toList();
  }

  private static List<TaskFile> two() {
    return List.of(
        TaskFile.text("hosts", "127.0.0.1 localhost\n"),
        new TaskFile("secret", ByteString.copyFromUtf8("hush"), new TaskFile.Owner(7, 8), 0440));
  }

  @Test
  void files_have_their_content_owner_and_mode() throws IOException {
    files.write("one", two());
    assertThat(files.path("one", "hosts")).hasContent("127.0.0.1 localhost\n");
    assertThat(Files.readAttributes(files.path("one", "secret"), "unix:uid,gid,mode"))
        .containsEntry("uid", 7)
        .containsEntry("gid", 8)
        .containsEntry("mode", 0100440);
    assertThat(Files.getAttribute(files.path("one", "."), "unix:mode")).isEqualTo(040700);
    assertThat(mounts()).singleElement().extracting(Mount::options).asString().contains("nosuid");
  }

  @Test
  void what_is_assigned_fits_whatever_its_size() throws IOException {
    List<TaskFile> large =
        List.of(
            TaskFile.text("odd", "x".repeat(4097)),
            TaskFile.text("largest-secret", "x".repeat(500 * 1024 - 1)),
            TaskFile.text("largest-config", "x".repeat(1000 * 1024 - 1)),
            TaskFile.text("empty", ""));
    files.write("one", large);
    for (TaskFile file : large) {
      assertThat(files.path("one", file.name())).hasBinaryContent(file.content().toByteArray());
    }
  }

  @Test
  void a_task_that_fills_its_place_leaves_the_others_theirs() throws IOException {
    files.write("one", two());
    byte[] piece = new byte[1 << 16];
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1000; i++) {
                Files.write(files.path("one", "hosts"), piece, StandardOpenOption.APPEND);
              }
            })
        .hasMessageContaining("No space left");
    assertThatThrownBy(() -> Files.createFile(files.path("one", "another")))
        .hasMessageContaining("No space left");
    FileSystem full = FileSystem.of(files.path("one", "."));
    assertThat(full.bytes()).isLessThanOrEqualTo(TaskFiles.GROWTH_BYTES + 2 * 4096);
    assertThat(full.bytesAvailable()).isZero();

    files.write("two", two());
    assertThat(files.path("two", "secret")).hasContent("hush");
  }

  @Test
  void a_new_content_is_seen_in_the_same_file_if_there_is_room() throws IOException {
    files.write("one", two());
    Object inode = Files.getAttribute(files.path("one", "hosts"), "unix:ino");
    files.rewrite("one", "hosts", ByteString.copyFromUtf8("other"));
    assertThat(files.path("one", "hosts")).hasContent("other");
    assertThat(Files.getAttribute(files.path("one", "hosts"), "unix:ino")).isEqualTo(inode);

    Files.write(files.path("one", "secret"), new byte[(int) TaskFiles.GROWTH_BYTES]);
    files.rewrite("one", "hosts", ByteString.copyFrom(new byte[1 << 16]));
    files.rewrite("one", "absent", ByteString.EMPTY);
    files.rewrite("two", "hosts", ByteString.EMPTY);
    assertThat(files.path("one", "absent")).doesNotExist();
    assertThat(files.path("two", "hosts")).doesNotExist();
  }

  @Test
  void a_repeated_try_and_a_restart_leave_one_mount_a_task_and_then_none() throws IOException {
    files.write("one", two());
    files.write("one", List.of(TaskFile.text("hosts", "again")));
    assertThat(files.path("one", "secret")).doesNotExist();
    files.write("two", two());
    Files.createDirectories(run.resolve("task-memory/justmade"));
    assertThat(mounts()).hasSize(2);

    TaskFiles later = TaskFiles.in(run);
    later.keepOnly(Set.of("two"));
    assertThat(mounts()).hasSize(1);
    assertThat(later.path("two", "secret")).hasContent("hush");
    assertThat(run.resolve("task-memory")).isDirectoryNotContaining("glob:**/{one,justmade}");

    later.remove("two");
    later.remove("two");
    assertThat(mounts()).isEmpty();
    assertThat(run.resolve("task-memory")).isEmptyDirectory();
  }

  @Test
  void files_of_an_earlier_version_stay_as_long_as_their_tasks() throws IOException {
    Path shared = Files.createDirectories(run.resolve("task-files"));
    Mounts.tmpfs(shared, 1 << 20, 0700, Set.of());
    for (String task : List.of("one", "two", "gone")) {
      Files.createDirectories(shared.resolve(task));
      Files.writeString(shared.resolve(task).resolve("hosts"), task);
    }
    files.keepOnly(Set.of("one", "two"));
    assertThat(shared.resolve("gone")).doesNotExist();
    assertThat(shared.resolve("one/hosts")).hasContent("one");
    files.remove("one");
    assertThat(mounts()).hasSize(1);
    files.remove("two");
    assertThat(mounts()).isEmpty();
    assertThat(shared).doesNotExist();
  }

  @Test
  void only_an_id_names_a_place() {
    assertThatThrownBy(() -> files.write("../x", two())).hasMessage("not a task id: ../x");
    assertThatThrownBy(() -> files.remove("")).hasMessage("not a task id: ");
  }

  /** Sparse, so that its place of a megabyte is no limit. */
  @Test
  @Tag("attack")
  void a_file_that_grows_while_it_is_compared_is_not_read_whole() throws Exception {
    String content = "127.0.0.1 localhost\n";
    files.write("one", two());
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong changes = new AtomicLong();
    Path file = files.path("one", "hosts");
    Thread container =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
                    while (!over.get()) {
                      open.setLength(content.length());
                      open.setLength(Integer.MAX_VALUE - 100L);
                      changes.incrementAndGet();
                    }
                  } catch (IOException fault) {
                    throw new UncheckedIOException(fault);
                  }
                });
    try {
      for (int round = 0; round < 20_000; round++) {
        files.rewrite("one", "hosts", ByteString.copyFromUtf8(content));
      }
    } finally {
      over.set(true);
      container.join();
    }
    assertThat(changes.get()).isPositive();
  }
}
