package dev.hanse.runtime.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.bounds.HeapShares;
import dev.hanse.runtime.BusyboxRootfs;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.SampleImage;
import dev.hanse.runtime.World;
import dev.hanse.runtime.content.ImageProgress;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hostile archives against a real containerd on a small disk: refused, and nothing stays. */
@Tag("attack")
class ArchiveAttackTest {
  private static final long DISK_BYTES = 192 << 20;

  @TempDir static Path mountpoint;

  private World world;

  @BeforeEach
  void open() throws Exception {
    run("mount", "-t", "tmpfs", "-o", "size=" + DISK_BYTES, "none", mountpoint.toString());
    world = World.in(mountpoint.resolve("world"));
  }

  @AfterEach
  void close() throws Exception {
    world.close();
    run("umount", "-l", mountpoint.toString());
  }

  private static void run(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  private void refused(InputStream archive, RuntimeFault.Kind kind, String why) throws IOException {
    List<String> before = contents();
    assertThatThrownBy(() -> world.runtime().images().load(archive, ImageProgress.Listener.NONE))
        .isInstanceOfSatisfying(
            RuntimeFault.class, fault -> assertThat(fault.kind()).isEqualTo(kind))
        .hasMessageContaining(why);
    World.eventually("nothing is left of it", () -> contents().equals(before));
    assertThat(HeapShares.ARCHIVES.reserved()).isZero();
    assertThat(HeapShares.DOCUMENTS.reserved()).isZero();
  }

  /** Blobs, unfinished blobs and snapshots in the store. */
  private List<String> contents() {
    List<String> found = new ArrayList<>();
    Path data = world.settings().dataDirectory();
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.toList()) {
        String path = data.relativize(file).toString();
        if (path.matches(".*(blobs/sha256|content/ingest|overlayfs/snapshots)/[^/]+")) {
          found.add(path);
        }
      }
    } catch (java.io.UncheckedIOException | IOException changing) {
      found.add("changing " + changing);
    }
    return found.stream().sorted().toList();
  }

  @Test
  void a_header_of_a_gigabyte_behind_a_good_file_leaves_nothing() throws Exception {
    byte[] good = TarHeaders.padded("content of a file");
    TarHeaders.Repeated archive =
        TarHeaders.stream(
            List.of(
                TarHeaders.header('0', "one/layer.tar", 17),
                good,
                TarHeaders.header('L', "././@LongLink", 1_500_000_000L)),
            'a',
            1_500_000_000L);
    refused(archive, RuntimeFault.Kind.BAD_TAR, "header field too long");
    assertThat(archive.taken()).isLessThan(1 << 20);
  }

  @Test
  void a_file_that_does_not_fit_the_disk_leaves_nothing() throws Exception {
    long size = 6L << 30;
    TarHeaders.Repeated archive =
        TarHeaders.stream(List.of(TarHeaders.header('0', "one/layer.tar", size)), 'a', size);
    refused(archive, RuntimeFault.Kind.INTERNAL, "no space left on device");
  }

  /** Containerd unpacks layers itself, and would fill the disk. */
  @Test
  void a_layer_that_does_not_fit_the_disk_leaves_nothing() throws Exception {
    byte[] layer = bomb(3L << 30);
    assertThat(layer.length).isLessThan(4 << 20);
    refused(image(layer), RuntimeFault.Kind.INTERNAL, "no space left on device");
    // The disk is as usable as before.
    assertThat(world.importBusybox("busybox:latest", "CMD [\"sh\"]").tags())
        .containsExactly("busybox:latest");
  }

  /** Files of nothing, as many as the disk can hold. */
  @Test
  void a_layer_of_more_files_than_the_disk_can_hold_leaves_nothing() throws Exception {
    run("mount", "-o", "remount,nr_inodes=20000", mountpoint.toString());
    refused(image(emptyFiles(60_000)), RuntimeFault.Kind.INTERNAL, "no space left on device");
    assertThat(world.importBusybox("busybox:latest", "CMD [\"sh\"]").tags())
        .containsExactly("busybox:latest");
  }

  @Test
  void documents_of_many_parts_are_no_documents() throws Exception {
    byte[] manifest = ("[" + "{},".repeat(1_000_000) + "{}]").getBytes(StandardCharsets.US_ASCII);
    refused(
        archive(List.of("manifest.json"), List.of(manifest)),
        RuntimeFault.Kind.BAD_TAR,
        "not valid JSON");
  }

  @Test
  void a_manifest_of_very_many_layers_is_refused_before_it_is_written_anew() throws Exception {
    String layers = "\"l\",".repeat(300_000) + "\"l\"";
    String manifest = "[{\"Config\":\"c\",\"RepoTags\":[],\"Layers\":[" + layers + "]}]";
    refused(
        archive(
            List.of("l", "c", "manifest.json"),
            List.of(new byte[1024], bytes("{}"), bytes(manifest))),
        RuntimeFault.Kind.BAD_IMAGE,
        "more than 500 layers");
  }

  /** Each is kept until all are there. */
  @Test
  void images_with_large_configurations_are_held_together_within_their_share() throws Exception {
    byte[] layer = new byte[1024];
    ObjectNode config = SampleImage.config(List.of(layer));
    config.withObjectProperty("config").withObjectProperty("Labels").put("a", "x".repeat(4 << 20));
    long count = HeapShares.DOCUMENTS.bytesMax() / (12 << 20) + 1;
    String image = "{\"Config\":\"c\",\"RepoTags\":[],\"Layers\":[\"l\"]}";
    String manifest = "[" + (image + ",").repeat((int) count) + image + "]";
    refused(
        archive(
            List.of("l", "c", "manifest.json"),
            List.of(layer, SampleImage.JSON.writeValueAsBytes(config), bytes(manifest))),
        RuntimeFault.Kind.UNAVAILABLE,
        "too many image documents");
  }

  @Test
  void an_archive_has_only_so_many_images_and_names() throws Exception {
    byte[] layer = new byte[1024];
    String names = "\"n:1\",".repeat(10_000) + "\"n:1\"";
    String manifest = "[{\"Config\":\"c\",\"RepoTags\":[" + names + "],\"Layers\":[\"l\"]}]";
    refused(
        archive(
            List.of("l", "c", "manifest.json"),
            List.of(
                layer,
                SampleImage.JSON.writeValueAsBytes(SampleImage.config(List.of(layer))),
                bytes(manifest))),
        RuntimeFault.Kind.BAD_TAR,
        "images and names");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void more_archives_at_once_than_memory_is_for_are_refused() {
    try (var all = HeapShares.ARCHIVES.firm()) {
      assertThat(all.grow(HeapShares.ARCHIVES.bytesMax())).isTrue();
      assertThatThrownBy(
              () ->
                  world
                      .runtime()
                      .images()
                      .importRootfs(
                          new ByteArrayInputStream(BusyboxRootfs.tar()),
                          Optional.empty(),
                          "",
                          List.of()))
          .isInstanceOfSatisfying(
              RuntimeFault.class,
              fault -> assertThat(fault.kind()).isEqualTo(RuntimeFault.Kind.UNAVAILABLE));
    }
    assertThat(HeapShares.ARCHIVES.reserved()).isZero();
  }

  private static InputStream image(byte[] layer) throws IOException {
    ObjectNode config = SampleImage.config(List.of(layer));
    String manifest =
        "[{\"Config\":\"config.json\",\"RepoTags\":[\"bomb:1\"],\"Layers\":[\"layer.tar\"]}]";
    return archive(
        List.of("layer.tar", "config.json", "manifest.json"),
        List.of(
            layer,
            SampleImage.JSON.writeValueAsBytes(config),
            manifest.getBytes(StandardCharsets.US_ASCII)));
  }

  private static InputStream archive(List<String> names, List<byte[]> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      for (int i = 0; i < names.size(); i++) {
        BusyboxRootfs.put(tar, names.get(i), files.get(i), 0100644);
      }
    }
    return new ByteArrayInputStream(bytes.toByteArray());
  }

  private static byte[] emptyFiles(int count) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      for (int number = 0; number < count; number++) {
        gzip.write(TarHeaders.header('0', "f" + number, 0));
      }
      gzip.write(new byte[1024]);
    }
    return bytes.toByteArray();
  }

  /** A gzip layer with one file of zeros. */
  private static byte[] bomb(long size) throws IOException {
    ByteArrayOutputStream member = new ByteArrayOutputStream();
    long each = 64 << 20;
    try (var gzip = new GZIPOutputStream(member)) {
      gzip.write(new byte[(int) each]);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(TarHeaders.header('0', "zeros", size));
    }
    for (long done = 0; done < size; done += each) {
      member.writeTo(bytes);
    }
    return bytes.toByteArray();
  }
}
