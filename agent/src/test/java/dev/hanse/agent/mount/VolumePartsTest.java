package dev.hanse.agent.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.agent.volume.LocalVolume;
import dev.hanse.agent.volume.Volumes;
import dev.hanse.kernel.file.Mounts;
import dev.hanse.kernel.file.Racer;
import dev.hanse.model.Mount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VolumePartsTest {
  @TempDir Path directory;
  private LocalVolume volume;
  private Volumes volumes;
  private VolumeParts parts;
  private Path host;

  @BeforeEach
  void open() throws Exception {
    volumes = Volumes.in(directory.resolve("volumes"));
    volume = volumes.create(Volumes.Wanted.named("data"));
    parts = VolumeParts.in(directory.resolve("parts"));
    host = Files.createDirectories(directory.resolve("host"));
    Files.writeString(host.resolve("marker"), "host");
    Files.createDirectories(volume.mountpoint().resolve("sub/deep"));
    Files.writeString(volume.mountpoint().resolve("sub/marker"), "volume");
    Files.createSymbolicLink(volume.mountpoint().resolve("near"), Path.of("sub"));
    Files.createSymbolicLink(volume.mountpoint().resolve("far"), host);
  }

  @AfterEach
  void giveBack() throws Exception {
    parts.keepOnly(Set.of());
    assertThat(directory.resolve("parts"))
        .satisfiesAnyOf(
            place -> assertThat(place).doesNotExist(),
            place -> assertThat(place).isEmptyDirectory());
  }

  private List<Path> mounted() {
    return Mounts.list().stream()
        .map(dev.hanse.kernel.file.Mount::target)
        .filter(target -> target.startsWith(directory))
        .toList();
  }

  private static Mount mount(String subpath) {
    Mount.Builder mount =
        Mount.newBuilder().setType(Mount.Type.VOLUME).setSource("data").setTarget("/mnt");
    mount.getVolumeOptionsBuilder().setSubpath(subpath);
    return mount.build();
  }

  @Test
  void directories_and_files_are_shown_at_places_and_given_back() throws Exception {
    Path sub = parts.show("c1", 0, volume, "sub");
    Path file = parts.show("c1", 1, volume, "near/marker");
    Path other = parts.show("c2", 0, volume, ".");
    assertThat(sub.resolve("marker")).hasContent("volume");
    assertThat(file).hasContent("volume");
    assertThat(other.resolve("sub/marker")).hasContent("volume");
    parts.remove("c1");
    parts.remove("c1");
    assertThat(mounted()).containsExactly(other);
    assertThat(volume.mountpoint().resolve("sub/marker")).exists();
  }

  @Test
  void what_leads_out_is_refused_with_nothing_left() throws Exception {
    for (String subpath : new String[] {"far", "far/marker", "nothing", "sub/marker/x"}) {
      assertThatThrownBy(() -> parts.show("c1", 0, volume, subpath))
          .isInstanceOf(MountException.class)
          .hasMessageEndingWith("no such file or directory in the volume");
    }
    ContainerMounts mounts = new ContainerMounts(volumes, parts);
    for (String subpath : new String[] {"..", "../x", "/etc", "sub/../../x"}) {
      assertThatThrownBy(() -> mounts.prepare("c1", List.of(mount(subpath)), List.of()))
          .isInstanceOf(MountException.class)
          .hasMessageContaining("subpath must be a relative path within the volume");
    }
    assertThat(mounted()).isEmpty();
  }

  @Test
  void a_mount_prepared_again_has_one_place() throws Exception {
    ContainerMounts mounts = new ContainerMounts(volumes, parts);
    mounts.prepare("c1", List.of(mount("sub")), List.of());
    mounts.prepare("c1", List.of(mount("sub")), List.of());
    assertThat(mounted()).hasSize(1);
  }

  @Test
  void a_crash_leaves_nothing_that_the_next_daemon_does_not_find() throws Exception {
    Path kept = parts.show("c1", 0, volume, "sub");
    parts.show("c2", 0, volume, "sub");
    Path lost = parts.show("c3", 0, volume, "sub");
    Mounts.unmount(lost);
    VolumeParts.in(directory.resolve("parts")).keepOnly(Set.of("c1", "c3"));
    assertThat(mounted()).containsExactly(kept);
    assertThat(lost).doesNotExist();
    assertThat(volume.mountpoint().resolve("sub/marker")).exists();
  }

  @Test
  void without_subpaths_there_is_nothing_to_give_back() throws Exception {
    parts.remove("c1");
    parts.keepOnly(Set.of("c1"));
    assertThat(directory.resolve("parts")).doesNotExist();
  }

  @Test
  @Tag("attack")
  void a_part_that_is_exchanged_with_a_link_never_shows_the_host() throws Exception {
    ContainerMounts mounts = new ContainerMounts(volumes, parts);
    int shown = 0;
    try (Racer racer =
        Racer.between(volume.mountpoint().resolve("sub"), volume.mountpoint().resolve("far"))) {
      for (int round = 0; round < 150; round++) {
        try {
          var prepared = mounts.prepare("c1", List.of(mount("sub")), List.of());
          if (prepared.mounts().getFirst()
              instanceof dev.hanse.runtime.spec.ContainerMount.Bind bind) {
            // Here the runtime looks its path up.
            assertThat(bind.source().resolve("marker")).hasContent("volume");
            shown++;
          }
        } catch (MountException refused) {
          assertThat(refused).hasMessageContaining("no such file or directory");
        }
      }
      assertThat(racer.exchanges()).isPositive();
    }
    assertThat(shown).isPositive();
  }
}
