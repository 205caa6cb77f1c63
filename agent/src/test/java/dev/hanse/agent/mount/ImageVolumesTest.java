package dev.hanse.agent.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.agent.volume.Volumes;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageVolumesTest {
  @TempDir private Path directory;

  private static List<String> targets(int count) {
    return IntStream.range(0, count).mapToObj(number -> "/volume" + number).toList();
  }

  @Test
  @Tag("attack")
  void an_image_makes_only_so_many_directories_on_the_host() throws Exception {
    Volumes volumes = Volumes.in(directory.resolve("volumes"));
    ContainerMounts mounts =
        new ContainerMounts(volumes, VolumeParts.in(directory.resolve("parts")));
    List<String> tooMany = targets(ContainerMounts.IMAGE_VOLUMES_MAX + 1);
    assertThatThrownBy(() -> mounts.prepare("one", List.of(), tooMany))
        .isInstanceOf(MountException.class)
        .hasMessageContaining("volumes");
    assertThat(volumes.list()).isEmpty();
    assertThat(mounts.prepare("one", List.of(), tooMany.subList(0, 20)).mounts()).hasSize(20);
  }
}
