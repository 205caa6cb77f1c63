package dev.hanse.runtime.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.content.ImageConfig;
import dev.hanse.runtime.images.ImageRootfs;
import dev.hanse.runtime.spec.ContainerMount.Bind;
import dev.hanse.runtime.spec.ContainerMount.Propagation;
import dev.hanse.runtime.spec.ContainerMount.Submounts;
import dev.hanse.runtime.spec.MountTree.Nested;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountTreeTest {
  private static final Path PLACES = Path.of("/places");

  @TempDir Path directory;
  private Path volume;
  private Path file;
  private Path layer;

  @BeforeEach
  void make() throws Exception {
    volume = Files.createDirectories(directory.resolve("volume"));
    file = Files.writeString(directory.resolve("file"), "x");
    layer = Files.createDirectories(directory.resolve("layer/var"));
    layer = directory.resolve("layer");
    Files.createSymbolicLink(layer.resolve("var/run"), Path.of("../run"));
    Files.createSymbolicLink(layer.resolve("round"), Path.of("round"));
    Files.createSymbolicLink(layer.resolve("same"), Path.of("/data"));
  }

  private List<MountTree> trees(ContainerMount... mounts) {
    ImageRootfs image =
        new ImageRootfs(
            "sha256:1",
            new ImageConfig(
                List.of(),
                List.of(),
                List.of(),
                "",
                "",
                List.of(),
                List.of(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of()),
            "sha256:2",
            Optional.empty(),
            Optional.empty(),
            List.of(layer));
    return MountTree.of(List.of(mounts), image, PLACES);
  }

  private Bind volume(String target) {
    return Bind.of(volume, target, false);
  }

  private Bind file(String target) {
    return Bind.of(file, target, true);
  }

  private static MountTree tree(int number, Bind root, Nested... nested) {
    return new MountTree(PLACES.resolve(Integer.toString(number)), root, List.of(nested));
  }

  @Test
  void mounts_beside_each_other_are_no_trees() {
    assertThat(trees()).isEmpty();
    assertThat(trees(volume("/data"), volume("/data2"), file("/etc/hosts"), file("/run/secrets/a")))
        .isEmpty();
    assertThat(trees(ContainerMount.Tmpfs.of("/run"), file("/run/secrets/a"))).isEmpty();
  }

  @Test
  void what_lies_below_a_volume_is_part_of_its_tree() {
    Bind data = volume("/data");
    Bind inner = volume("/data/sub");
    ContainerMount memory = ContainerMount.Tmpfs.of("/data/sub/memory");
    Bind secret = file("/data/sub/memory/deep/secret");
    Bind other = volume("/other");
    Bind config = file("/other/a/../conf");
    assertThat(trees(data, other, inner, config, memory, secret, file("/etc/hosts")))
        .containsExactly(
            tree(
                0,
                data,
                new Nested(0, "sub", inner),
                new Nested(1, "memory", memory),
                new Nested(2, "deep/secret", secret)),
            tree(1, other, new Nested(0, "conf", config)));
  }

  @Test
  void a_volume_in_memory_of_the_container_is_a_root() {
    Bind data = volume("/memory/data");
    Bind config = file("/memory/data/conf");
    assertThat(trees(ContainerMount.Tmpfs.of("/memory"), data, config))
        .containsExactly(tree(0, data, new Nested(0, "conf", config)));
  }

  @Test
  void links_of_the_image_are_followed_and_hidden_ones_are_not() {
    Bind run = volume("/var/run");
    Bind secret = file("/run/secrets/a");
    assertThat(trees(run, secret))
        .containsExactly(tree(0, run, new Nested(0, "secrets/a", secret)));

    Bind variable = volume("/var");
    Bind hidden = file("/var/run/x");
    assertThat(trees(variable, hidden))
        .containsExactly(tree(0, variable, new Nested(0, "run/x", hidden)));

    Bind data = volume("/data");
    Bind over = volume("/same");
    assertThat(trees(data, over)).containsExactly(tree(0, data, new Nested(0, ".", over)));
  }

  @Test
  void links_without_end_are_refused() {
    assertThatThrownBy(() -> trees(volume("/round/x")))
        .isInstanceOf(RuntimeFault.class)
        .hasMessageContaining("too many links");
  }

  @Test
  void what_is_shared_with_the_host_is_left_to_runc() {
    Bind shared = new Bind(volume, "/data", false, Propagation.RSHARED, true, Submounts.UNCHANGED);
    assertThat(trees(shared, file("/data/conf"))).isEmpty();
  }

  @Test
  void what_is_kept_with_a_container_is_read_back() throws Exception {
    List<MountTree> trees =
        List.of(
            tree(
                3,
                new Bind(
                    volume,
                    "/data",
                    true,
                    Propagation.SLAVE,
                    false,
                    Submounts.READ_ONLY_OR_REFUSED),
                new Nested(0, "a b/\"c\"", file("/data/a b/\"c\"")),
                new Nested(1, "t", ContainerMount.Tmpfs.of("/data/t")),
                new Nested(
                    0,
                    "u",
                    new ContainerMount.Tmpfs(
                        "/data/u", OptionalLong.of(4096), OptionalInt.of(0700), true, true))));
    assertThat(MountTreeJson.read(MountTreeJson.write(trees))).isEqualTo(trees);
    assertThatThrownBy(() -> MountTreeJson.read("[{\"root\":{}}]".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IOException.class);
  }
}
