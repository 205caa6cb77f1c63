package dev.hanse.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.agent.volume.Volumes.Wanted;
import dev.hanse.kernel.file.DirectoryHandle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VolumesTest {
  @TempDir Path directory;
  private Volumes volumes;

  @BeforeEach
  void open() throws IOException {
    volumes = Volumes.in(directory.resolve("volumes"));
  }

  private LocalVolume anonymous() throws Exception {
    return volumes.create(new Wanted(Optional.empty(), "", Map.of(), Map.of()));
  }

  private boolean fill(LocalVolume volume) throws IOException {
    try (DirectoryHandle image = DirectoryHandle.open(directory.resolve("image"))) {
      return volumes.fillFromImage(volume, image);
    }
  }

  @Test
  void volumesSurviveARestart() throws Exception {
    LocalVolume made =
        volumes.create(new Wanted(Optional.of("data"), "local", Map.of(), Map.of("a", "b")));
    Files.writeString(made.mountpoint().resolve("file"), "content");

    Volumes reopened = Volumes.in(directory.resolve("volumes"));
    assertThat(reopened.list()).containsExactly(made);
    assertThat(reopened.find("data").orElseThrow().labels()).containsEntry("a", "b");
    assertThat(reopened.size(made)).isEqualTo(7);
  }

  @Test
  void creatingAgainReturnsWhatIsThere() throws Exception {
    LocalVolume made = volumes.create(Wanted.named("data"));
    assertThat(volumes.create(Wanted.named("data"))).isEqualTo(made);
  }

  @Test
  void aVolumeInUseIsNotRemoved() throws Exception {
    volumes.create(Wanted.named("data"));
    volumes.hold("data", "c1");
    assertThatThrownBy(() -> volumes.remove("data"))
        .hasMessage("remove data: volume is in use - [c1]")
        .extracting("kind")
        .isEqualTo(VolumeException.Kind.CONFLICT);

    volumes.release("c1", true);
    volumes.remove("data");
    assertThat(volumes.find("data")).isEmpty();
    assertThat(directory.resolve("volumes/data")).doesNotExist();
  }

  @Test
  void removingWhatIsNotThereIsRefused() {
    assertThatThrownBy(() -> volumes.remove("nope"))
        .hasMessage("get nope: no such volume")
        .extracting("kind")
        .isEqualTo(VolumeException.Kind.NOT_FOUND);
  }

  @Test
  void anonymousVolumesGoWithTheirLastContainer() throws Exception {
    LocalVolume volume = anonymous();
    volumes.create(Wanted.named("named"));
    volumes.hold(volume.name(), "c1");
    volumes.hold("named", "c1");
    assertThat(volume.name()).matches("[0-9a-f]{64}");

    assertThat(volumes.users()).containsExactly("c1");
    assertThat(volumes.list()).hasSize(2);
    volumes.release("c1", true);
    assertThat(volumes.users()).isEmpty();
    assertThat(volumes.list()).extracting(LocalVolume::name).containsExactly("named");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "", "-x", "a/b", "../x", "ä1", "a b"})
  void badNamesAreRefused(String name) {
    assertThatThrownBy(() -> volumes.create(Wanted.named(name)))
        .isInstanceOf(VolumeException.class)
        .hasMessageStartingWith("create " + name + ": ");
  }

  @Test
  void otherDriversAndOptionsAreRefused() {
    assertThatThrownBy(
            () -> volumes.create(new Wanted(Optional.of("vv"), "nfs", Map.of(), Map.of())))
        .hasMessageContaining("plugin \"nfs\" not found");
    assertThatThrownBy(
            () ->
                volumes.create(
                    new Wanted(Optional.of("vv"), "local", Map.of("size", "1"), Map.of())))
        .hasMessage("create vv: invalid option: \"size\"");
  }

  @Test
  void anEmptyVolumeTakesTheImagesContentWithOwnersAndLinks() throws Exception {
    Path image = Files.createDirectories(directory.resolve("image/sub"));
    Files.writeString(image.resolve("file"), "hello");
    Files.createSymbolicLink(image.resolve("link"), Path.of("/etc/passwd"));
    Files.setAttribute(image.resolve("file"), "unix:mode", 0640);
    LocalVolume volume = volumes.create(Wanted.named("data"));

    assertThat(fill(volume)).isTrue();
    Path copied = volume.mountpoint().resolve("sub");
    assertThat(copied.resolve("file")).hasContent("hello");
    assertThat((Integer) Files.getAttribute(copied.resolve("file"), "unix:mode") & 0777)
        .isEqualTo(0640);
    assertThat(Files.readSymbolicLink(copied.resolve("link"))).isEqualTo(Path.of("/etc/passwd"));
    assertThat(fill(volume)).isFalse();
  }
}
