package dev.hanse.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.agent.volume.Volumes.Wanted;
import dev.hanse.kernel.file.DirectoryHandle;
import dev.hanse.kernel.file.Racer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A container of the volume exchanges a directory with a link to the host's, again and again. */
@Tag("attack")
class VolumeRaceTest {
  private static final int FILES = 40;
  private static final long HOST_BYTES = 1L << 40;

  @TempDir Path directory;
  private Volumes volumes;
  private Path host;

  @BeforeEach
  void open() throws IOException {
    volumes = Volumes.in(directory.resolve("volumes"));
    host = Files.createDirectories(directory.resolve("host"));
  }

  private static void fill(Path place, int files) throws IOException {
    Files.createDirectories(place);
    for (int i = 0; i < files; i++) {
      Files.createFile(place.resolve("file" + i));
    }
  }

  @Test
  void copying_an_image_writes_nothing_where_a_link_points() throws Exception {
    Path image = Files.createDirectories(directory.resolve("image"));
    fill(image.resolve("etc"), FILES);
    long exchanges = 0;
    for (int round = 0; round < 25; round++) {
      LocalVolume volume = volumes.create(Wanted.named("data" + round));
      // Outside as yet: a volume with anything in it is not filled.
      Path link = Files.createSymbolicLink(directory.resolve("link" + round), host);
      try (DirectoryHandle source = DirectoryHandle.open(image);
          Racer racer = Racer.between(volume.mountpoint().resolve("etc"), link)) {
        assertThat(volumes.fillFromImage(volume, source)).isTrue();
        exchanges += racer.exchanges();
      }
      assertThat(host).isEmptyDirectory();
    }
    assertThat(exchanges).isPositive();
  }

  @Test
  void removing_a_volume_removes_nothing_where_a_link_points() throws Exception {
    fill(host, FILES);
    long exchanges = 0;
    for (int round = 0; round < 40; round++) {
      LocalVolume volume = volumes.create(Wanted.named("data" + round));
      Path data = volume.mountpoint();
      fill(data.resolve("a"), 20);
      Path link = Files.createSymbolicLink(data.resolve("link"), host);
      try (Racer racer = Racer.between(data.resolve("a"), link)) {
        volumes.remove(volume.name());
        exchanges += racer.exchanges();
      }
      assertThat(data).doesNotExist();
      assertThat(host.toFile().list()).hasSize(FILES);
    }
    assertThat(exchanges).isPositive();
  }

  @Test
  void measuring_a_volume_counts_nothing_where_a_link_points() throws Exception {
    try (var file = new java.io.RandomAccessFile(host.resolve("large").toFile(), "rw")) {
      file.setLength(HOST_BYTES);
    }
    LocalVolume volume = volumes.create(Wanted.named("data"));
    Files.createDirectories(volume.mountpoint().resolve("a"));
    Path link = Files.createSymbolicLink(volume.mountpoint().resolve("link"), host);
    try (Racer racer = Racer.between(volume.mountpoint().resolve("a"), link)) {
      for (int round = 0; round < 3000; round++) {
        assertThat(volumes.size(volume)).isLessThan(HOST_BYTES);
      }
      assertThat(racer.exchanges()).isPositive();
    }
  }
}
