package dev.hanse.kernel.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.kernel.KernelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTreeTest {
  private static final EntryName TREE = EntryName.of("tree");

  @TempDir Path directory;
  private Path tree;

  /** In memory: what is deep takes thousands of calls, each of which would wait for the disk. */
  @BeforeEach
  void makeTree() throws IOException {
    Mounts.tmpfs(directory, 32 << 20, 0700, EnumSet.noneOf(Mounts.Flag.class));
    tree = Files.createDirectories(directory.resolve("tree"));
  }

  @AfterEach
  void unmount() {
    Mounts.unmount(directory);
  }

  private void remove() {
    try (DirectoryHandle parent = DirectoryHandle.open(directory)) {
      FileTree.remove(parent, TREE);
    }
  }

  private long size() {
    try (DirectoryHandle root = DirectoryHandle.open(tree)) {
      return FileTree.size(root);
    }
  }

  private void copy(Path target) {
    try (DirectoryHandle from = DirectoryHandle.open(tree);
        DirectoryHandle to = DirectoryHandle.open(target)) {
      FileTree.copy(from, to);
    }
  }

  /** Deeper than any path name reaches, as a process makes it that walks along. */
  private void deepen(int depth) {
    DirectoryHandle at = DirectoryHandle.open(tree);
    EntryName name = EntryName.of("d".repeat(20));
    for (int i = 0; i < depth; i++) {
      at.newDirectory(name, 0700);
      DirectoryHandle child = at.child(name).orElseThrow();
      at.close();
      at = child;
    }
    at.newFile(EntryName.of("deepest")).orElseThrow().close();
    at.close();
  }

  private static Map<String, Object> attributes(Path path) throws IOException {
    return new HashMap<>(
        Files.readAttributes(
            path, "unix:uid,gid,mode,lastModifiedTime", LinkOption.NOFOLLOW_LINKS));
  }

  @Test
  void a_copy_has_owners_modes_times_attributes_and_links() throws Exception {
    Path file = Files.writeString(Files.createDirectories(tree.resolve("sub")).resolve("f"), "abc");
    Files.getFileAttributeView(file, UserDefinedFileAttributeView.class)
        .write("note", StandardCharsets.UTF_8.encode("kept"));
    SpecialFiles.owner(file, 7, 8);
    SpecialFiles.mode(file, 04751);
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000_123L));
    SpecialFiles.owner(tree.resolve("sub"), 9, 10);
    SpecialFiles.mode(tree.resolve("sub"), 01777);
    Files.setLastModifiedTime(tree.resolve("sub"), FileTime.fromMillis(2_000_000_456L));
    Path link = Files.createSymbolicLink(tree.resolve("link"), Path.of("/etc/passwd"));
    SpecialFiles.owner(link, 11, 12);
    SpecialFiles.makeFifo(tree.resolve("fifo"), 0600);
    SpecialFiles.mode(tree, 0751);

    Path target = Files.createDirectories(directory.resolve("target"));
    copy(target);

    for (String path : new String[] {"sub/f", "sub", "", "link"}) {
      Map<String, Object> expected = attributes(tree.resolve(path));
      if (path.equals("link")) {
        expected.remove("lastModifiedTime");
      }
      assertThat(attributes(target.resolve(path))).as(path).containsAllEntriesOf(expected);
    }
    assertThat(target.resolve("sub/f")).hasContent("abc");
    assertThat(Files.readSymbolicLink(target.resolve("link"))).isEqualTo(Path.of("/etc/passwd"));
    assertThat(target.resolve("fifo")).doesNotExist();
    assertThat(
            Files.getFileAttributeView(target.resolve("sub/f"), UserDefinedFileAttributeView.class)
                .list())
        .containsExactly("note");
  }

  @Test
  void a_copy_leaves_what_is_there_and_follows_no_link_of_the_target() throws Exception {
    Path host = Files.createDirectories(directory.resolve("host"));
    Files.createDirectories(tree.resolve("a/b"));
    Files.writeString(tree.resolve("a/b/planted"), "from the image");
    Files.writeString(tree.resolve("mine"), "from the image");
    Files.writeString(tree.resolve("leading"), "from the image");
    Path target = Files.createDirectories(directory.resolve("target"));
    Files.createSymbolicLink(target.resolve("a"), host);
    Files.writeString(target.resolve("mine"), "was there");
    Files.createSymbolicLink(target.resolve("leading"), host.resolve("written"));

    copy(target);

    assertThat(host).isEmptyDirectory();
    assertThat(target.resolve("mine")).hasContent("was there");
  }

  @Test
  void large_files_come_whole_also_to_another_file_system() throws Exception {
    byte[] content = new byte[3 << 20];
    new java.util.Random(1).nextBytes(content);
    Files.write(tree.resolve("large"), content);
    Path memory = Files.createDirectories(directory.resolve("memory"));
    Mounts.tmpfs(memory, 8 << 20, 0700, EnumSet.noneOf(Mounts.Flag.class));
    try {
      copy(memory);
      assertThat(memory.resolve("large")).hasBinaryContent(content);
    } finally {
      Mounts.unmount(memory);
    }
  }

  @Test
  void sizes_add_up_and_do_not_overflow() throws Exception {
    Files.createDirectories(tree.resolve("a/b"));
    Files.write(tree.resolve("a/b/f"), new byte[100]);
    Files.write(tree.resolve("g"), new byte[11]);
    assertThat(size()).isEqualTo(111);
    Thread virtual = Thread.ofVirtual().start(() -> assertThat(size()).isEqualTo(111));
    virtual.join();

    Path memory = Files.createDirectories(directory.resolve("memory"));
    Mounts.tmpfs(memory, 1 << 20, 0700, EnumSet.noneOf(Mounts.Flag.class));
    tree = memory;
    try {
      for (int i = 0; i < 3; i++) {
        try (var file = new java.io.RandomAccessFile(memory.resolve("f" + i).toFile(), "rw")) {
          file.setLength(Long.MAX_VALUE - 4096);
        }
      }
      assertThat(size()).isEqualTo(Long.MAX_VALUE);
    } finally {
      Mounts.unmount(memory);
    }
  }

  @Test
  void however_deep_a_tree_is_it_can_be_removed() {
    deepen(5000);
    assertThat(size()).isZero();
    remove();
    assertThat(tree).doesNotExist();
    remove();
  }

  @Test
  void trees_are_copied_as_deep_as_the_limit_and_no_deeper() throws Exception {
    deepen(FileTree.DEPTH_MAX);
    copy(Files.createDirectories(directory.resolve("one")));
    remove();
    Files.createDirectories(tree);
    deepen(FileTree.DEPTH_MAX + 1);
    Path other = Files.createDirectories(directory.resolve("other"));
    assertThatThrownBy(() -> copy(other))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("directories deep");
  }

  @Test
  void names_that_are_no_text_are_removed_too() {
    try (DirectoryHandle root = DirectoryHandle.open(tree)) {
      EntryName odd = EntryName.of(new byte[] {(byte) 0xff, (byte) 0xfe, 'x'});
      root.newDirectory(odd, 0700);
      root.child(odd).orElseThrow().close();
    }
    remove();
    assertThat(tree).doesNotExist();
  }

  @Test
  void many_entries_are_removed_without_following_a_link() throws Exception {
    Path host = Files.createDirectories(directory.resolve("host"));
    Files.writeString(host.resolve("kept"), "x");
    for (int i = 0; i < 2000; i++) {
      Files.createFile(tree.resolve("file" + i));
    }
    Files.createSymbolicLink(tree.resolve("link"), host);
    remove();
    assertThat(tree).doesNotExist();
    assertThat(host.resolve("kept")).exists();
  }
}
