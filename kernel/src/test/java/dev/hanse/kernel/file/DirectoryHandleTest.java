package dev.hanse.kernel.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.kernel.KernelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryHandleTest {
  private static final List<Links> ALL = List.of(Links.REFUSED, Links.BENEATH, Links.IN_ROOT);

  @TempDir Path directory;
  private Path inside;

  @BeforeEach
  void makeFiles() throws IOException {
    inside = Files.createDirectories(directory.resolve("inside"));
    Files.createDirectories(inside.resolve("data/sub"));
    Files.writeString(inside.resolve("data/sub/file"), "text");
    Files.createDirectories(directory.resolve("host/sub"));
    Files.writeString(directory.resolve("host/sub/file"), "secret");
    Files.createSymbolicLink(inside.resolve("near"), Path.of("data"));
    Files.createSymbolicLink(inside.resolve("absolute"), Path.of("/data/sub"));
    Files.createSymbolicLink(inside.resolve("climbing"), Path.of("../host"));
    Files.createSymbolicLink(inside.resolve("data/far"), Path.of("../../../../../../../data"));
    Files.createSymbolicLink(inside.resolve("loop"), Path.of("loop"));
  }

  private static String text(DirectoryHandle root, String path, Links links) {
    try (Closing<FileHandle> file = new Closing<>(root.file(path, links))) {
      return file.held()
          .flatMap(found -> found.content(100))
          .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
          .orElse("nothing");
    }
  }

  @Test
  void links_lead_nowhere_but_where_they_may() {
    try (DirectoryHandle root = DirectoryHandle.open(inside)) {
      for (Links links : ALL) {
        assertThat(text(root, "data/sub/file", links)).isEqualTo("text");
        assertThat(text(root, "climbing/sub/file", links)).isEqualTo("nothing");
        assertThat(text(root, "loop", links)).isEqualTo("nothing");
        assertThat(text(root, "data/sub", links)).isEqualTo("nothing");
        assertThat(root.find("/proc/self/cwd", links)).isEmpty();
      }
      assertThat(text(root, "near/sub/file", Links.REFUSED)).isEqualTo("nothing");
      assertThat(text(root, "near/sub/file", Links.BENEATH)).isEqualTo("text");
      assertThat(text(root, "absolute/file", Links.BENEATH)).isEqualTo("nothing");
      assertThat(text(root, "absolute/file", Links.IN_ROOT)).isEqualTo("text");
      assertThat(text(root, "data/far/sub/file", Links.IN_ROOT)).isEqualTo("text");
      assertThat(text(root, "/../../data/sub/file", Links.IN_ROOT)).isEqualTo("text");
      assertThat(text(root, "../host/sub/file", Links.BENEATH)).isEqualTo("nothing");
    }
  }

  @Test
  void a_file_is_read_up_to_its_limit() {
    try (DirectoryHandle root = DirectoryHandle.open(inside);
        FileHandle file = root.file("data/sub/file", Links.REFUSED).orElseThrow()) {
      assertThat(file.content(4)).contains("text".getBytes(StandardCharsets.UTF_8));
      assertThat(file.content(3)).isEmpty();
    }
  }

  @Test
  void a_link_is_not_opened_as_the_root_and_names_are_single() {
    assertThatThrownBy(() -> DirectoryHandle.open(inside.resolve("near")))
        .isInstanceOf(KernelException.class);
    for (String name : new String[] {"", ".", "..", "a/b", "a\0b"}) {
      assertThatThrownBy(() -> EntryName.of(name)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void a_fifo_is_not_opened() throws Exception {
    SpecialFiles.makeFifo(inside.resolve("fifo"), 0600);
    try (DirectoryHandle root = DirectoryHandle.open(inside)) {
      assertThat(root.file("fifo", Links.REFUSED)).isEmpty();
    }
  }

  @Test
  void what_is_held_is_shown_although_its_path_leads_elsewhere_now() throws Exception {
    Path place = Files.createDirectories(directory.resolve("place"));
    try (DirectoryHandle root = DirectoryHandle.open(inside);
        PinnedHandle held = root.pin("data/sub", Links.BENEATH).orElseThrow()) {
      Files.move(inside.resolve("data/sub"), inside.resolve("moved"));
      Files.createSymbolicLink(inside.resolve("data/sub"), directory.resolve("host/sub"));
      Mounts.show(held, place);
    }
    try {
      assertThat(place.resolve("file")).hasContent("text");
      Files.writeString(place.resolve("file"), "changed");
      assertThat(inside.resolve("moved/file")).hasContent("changed");
      assertThat(Mounts.list())
          .filteredOn(mount -> mount.target().equals(place))
          .singleElement()
          .matches(mount -> !mount.shared());
    } finally {
      Mounts.unmount(place);
    }
    assertThat(Mounts.isMounted(place)).isFalse();
  }

  @Test
  void a_file_is_shown_at_a_file() throws Exception {
    Path place = Files.createFile(directory.resolve("place"));
    try (DirectoryHandle root = DirectoryHandle.open(inside);
        PinnedHandle held = root.pin("near/sub/file", Links.BENEATH).orElseThrow()) {
      Mounts.show(held, place);
    }
    try {
      assertThat(place).hasContent("text");
    } finally {
      Mounts.unmount(place);
    }
  }

  @Test
  @Tag("attack")
  void nobody_leads_a_look_up_out_by_exchanging_a_directory_with_a_link() throws Exception {
    Path link = Files.createSymbolicLink(inside.resolve("link"), directory.resolve("host"));
    try (DirectoryHandle root = DirectoryHandle.open(inside);
        Racer racer = Racer.between(inside.resolve("data"), link)) {
      int found = 0;
      for (int i = 0; i < 10_000 || (found == 0 && i < 1_000_000); i++) {
        Links links = ALL.get(i % ALL.size());
        String text = text(root, "data/sub/file", links);
        assertThat(text).isNotEqualTo("secret");
        found += text.equals("text") ? 1 : 0;
      }
      assertThat(found).isPositive();
      assertThat(racer.exchanges()).isPositive();
    }
  }

  @Test
  void what_is_mounted_below_is_neither_measured_nor_removed() throws Exception {
    Path foreign = Files.createDirectories(inside.resolve("foreign"));
    Mounts.tmpfs(foreign, 1 << 20, 0700, EnumSet.noneOf(Mounts.Flag.class));
    try (DirectoryHandle parent = DirectoryHandle.open(directory);
        DirectoryHandle root = DirectoryHandle.open(inside)) {
      Files.write(foreign.resolve("kept"), new byte[1000]);
      assertThat(FileTree.size(root)).isLessThan(1000);
      assertThatThrownBy(() -> FileTree.remove(parent, EntryName.of("inside")))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("busy");
      assertThat(foreign.resolve("kept")).exists();
    } finally {
      Mounts.unmount(foreign);
    }
  }
}
