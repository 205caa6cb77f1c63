package dev.hanse.runtime.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.hanse.runtime.BusyboxRootfs;
import dev.hanse.runtime.Output;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.SampleImage;
import dev.hanse.runtime.World;
import dev.hanse.runtime.containerd.ContentStore;
import dev.hanse.runtime.content.ImageConfig;
import dev.hanse.runtime.content.ImageProgress;
import dev.hanse.runtime.content.Reference;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Images come as archives, get names, lose them, go. */
class ImagesTest {
  private World world;

  @BeforeEach
  void open() {
    world = World.empty();
  }

  @AfterEach
  void close() {
    world.close();
  }

  private Images images() {
    return world.runtime().images();
  }

  /** As old versions of docker save made it: a link for a layer that occurs twice. */
  private static byte[] dockerArchive(String... tags) throws Exception {
    List<byte[]> layers = List.of(SampleImage.lower(), SampleImage.upper("hello\n"));
    byte[] config = SampleImage.JSON.writeValueAsBytes(SampleImage.config(layers));
    ArrayNode manifest = SampleImage.JSON.createArrayNode();
    var item = manifest.addObject().put("Config", "config.json");
    var names = item.putArray("RepoTags");
    List.of(tags).forEach(names::add);
    item.putArray("Layers").add("one/layer.tar").add("two/layer.tar");
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      BusyboxRootfs.put(tar, "shared.tar", layers.get(0), 0100644);
      var link = new TarArchiveEntry("one/layer.tar", TarConstants.LF_SYMLINK);
      link.setLinkName("../shared.tar");
      tar.putArchiveEntry(link);
      tar.closeArchiveEntry();
      BusyboxRootfs.put(tar, "two/layer.tar", layers.get(1), 0100644);
      BusyboxRootfs.put(tar, "config.json", config, 0100644);
      BusyboxRootfs.put(
          tar, "manifest.json", SampleImage.JSON.writeValueAsBytes(manifest), 0100644);
    }
    return bytes.toByteArray();
  }

  private List<LoadedImage> load(byte[] archive) {
    return images().load(new ByteArrayInputStream(archive), ImageProgress.Listener.NONE);
  }

  @Test
  void aDockerArchiveIsLoadedAndRuns() throws Exception {
    LoadedImage loaded = load(SampleImage.gzip(dockerArchive("greet:1", "greet:2"))).getFirst();
    assertThat(loaded.names()).containsExactly("greet:1", "greet:2");
    Image image = loaded.image();
    byte[] config =
        SampleImage.JSON.writeValueAsBytes(
            SampleImage.config(List.of(SampleImage.lower(), SampleImage.upper("hello\n"))));
    assertThat(image.id()).isEqualTo(ContentStore.digest(config));
    assertThat(image.tags()).containsExactly("greet:1", "greet:2");
    assertThat(image.layers()).hasSize(2);
    assertThat(image.sizeBytes()).isGreaterThan(1_000_000);
    assertThat(image.author()).isEqualTo("the test");
    assertThat(image.comment()).isEqualTo("last");
    assertThat(image.created().orElseThrow()).hasToString("2024-05-06T07:08:09.123456789Z");
    assertThat(image.history()).hasSize(3);
    assertThat(image.history().get(1).sizeBytes()).isZero();
    assertThat(image.history().get(2).sizeBytes()).isPositive();
    ImageConfig defaults = image.config();
    assertThat(defaults.entrypoint()).containsExactly("cat");
    assertThat(defaults.command()).containsExactly("/greeting");
    assertThat(defaults.workingDirectory()).isEqualTo("/tmp");
    assertThat(defaults.exposedPorts()).containsExactly("80/tcp");
    assertThat(defaults.volumes()).containsExactly("/data");
    assertThat(defaults.stopSignal()).contains("SIGQUIT");
    assertThat(defaults.healthcheck().orElseThrow().test()).containsExactly("CMD-SHELL", "true");

    assertThat(runs("greet:2")).isEqualTo("hello\n");
  }

  private String runs(String image, String... arguments) throws Exception {
    String id = World.newId();
    world
        .containers()
        .create(
            dev.hanse.runtime.spec.ContainerSettings.builder(id, image)
                .arguments(List.of(arguments))
                .build());
    var output = new Output();
    world.containers().start(id, output);
    output.awaitEnd();
    world.containers().delete(id);
    return output.stdout() + output.stderr();
  }

  @Test
  void whiteoutsHideFilesOfLowerLayers() throws Exception {
    load(dockerArchive("greet:1"));
    assertThat(runs("greet:1", "/bin/httpd")).contains("No such file");
  }

  @Test
  void whatIsSavedCanBeLoadedElsewhere() throws Exception {
    Image before = load(dockerArchive("greet:1")).getFirst().image();
    var archive = new ByteArrayOutputStream();
    images().save(List.of("greet:1"), archive);
    images().remove("greet:1", false);
    assertThat(images().all()).isEmpty();

    LoadedImage after = load(archive.toByteArray()).getFirst();
    assertThat(after.image().id()).isEqualTo(before.id());
    assertThat(after.names()).containsExactly("greet:1");
    assertThat(runs("greet:1")).isEqualTo("hello\n");
  }

  @Test
  void anImageIsFoundByNameAndIdAndStartOfId() throws Exception {
    Image image = load(dockerArchive("greet:1")).getFirst().image();
    String digits = image.id().substring("sha256:".length());
    for (String name :
        List.of(
            "greet:1",
            "docker.io/library/greet:1",
            image.id(),
            digits,
            digits.substring(0, 12),
            "sha256:" + digits.substring(0, 12))) {
      assertThat(images().require(name).id()).as(name).isEqualTo(image.id());
    }
    assertThatThrownBy(() -> images().require("greet"))
        .hasMessage("No such image: greet:latest")
        .extracting(fault -> ((RuntimeFault) fault).kind())
        .isEqualTo(RuntimeFault.Kind.NO_SUCH_IMAGE);
  }

  @Test
  void anImportedFileSystemTakesItsChanges() throws Exception {
    Image image =
        images()
            .importRootfs(
                new ByteArrayInputStream(SampleImage.gzip(BusyboxRootfs.tar())),
                Optional.of(Reference.parse("tiny")),
                "Imported from -",
                List.of(
                    "ENV A=1 B=\"two words\"",
                    "ENTRYPOINT [\"env\"]",
                    "EXPOSE 80 53/udp",
                    "WORKDIR /var",
                    "USER web",
                    "LABEL x=y",
                    "STOPSIGNAL SIGINT",
                    "VOLUME /data"));
    assertThat(image.tags()).containsExactly("tiny:latest");
    assertThat(image.config().environment()).containsExactly("A=1", "B=two words");
    assertThat(image.config().exposedPorts()).containsExactly("80/tcp", "53/udp");
    assertThat(image.config().user()).isEqualTo("web");
    assertThat(image.comment()).isEqualTo("Imported from -");
    assertThat(runs("tiny")).contains("A=1\n", "B=two words\n", "HOME=/home/web\n");
    assertThatThrownBy(
            () ->
                images()
                    .importRootfs(
                        new ByteArrayInputStream(BusyboxRootfs.tar()),
                        Optional.empty(),
                        "",
                        List.of("RUN x")))
        .hasMessage("RUN is not a valid change command");
  }

  @Test
  void namesMoveAndTheOldImageDangles() throws Exception {
    Image first = load(dockerArchive("greet:1")).getFirst().image();
    Image second = world.importBusybox("other:1");
    images().tag("greet:1", "second");
    images().tag("other:1", "greet:1");
    assertThat(images().require("greet:1").id()).isEqualTo(second.id());
    images().tag("other:1", "second");
    Image dangling = images().require(first.id());
    assertThat(dangling.tags()).isEmpty();
    assertThat(images().all()).hasSize(2);

    assertThat(images().prune(false)).containsExactly(new RemovedImage.Deleted(first.id()));
    assertThat(images().find(first.id())).isEmpty();
    assertThat(images().require("second").tags())
        .containsExactly("greet:1", "other:1", "second:latest");
  }

  @Test
  void removalTakesNamesFirst() throws Exception {
    Image image = load(dockerArchive("greet:1", "else/where:1")).getFirst().image();
    assertThatThrownBy(() -> images().remove(image.id(), false))
        .hasMessageContaining("image is referenced in multiple repositories");
    assertThat(images().remove("greet:1", false))
        .containsExactly(new RemovedImage.Untagged("greet:1"));

    String container = World.newId();
    world
        .containers()
        .create(dev.hanse.runtime.spec.ContainerSettings.builder(container, image.id()).build());
    assertThatThrownBy(() -> images().remove("else/where:1", false))
        .hasMessageContaining("is using its referenced image")
        .extracting(fault -> ((RuntimeFault) fault).kind())
        .isEqualTo(RuntimeFault.Kind.CONFLICT);
    world.containers().delete(container);
    assertThat(images().remove("else/where:1", false))
        .containsExactly(
            new RemovedImage.Untagged("else/where:1"), new RemovedImage.Deleted(image.id()));
    assertThatThrownBy(() -> images().remove("else/where:1", false))
        .isInstanceOf(RuntimeFault.class);
  }

  @Test
  void whatIsNoImageArchiveIsRefused() throws Exception {
    byte[] good = dockerArchive("greet:1");
    List<byte[]> bad =
        List.of(
            new byte[0],
            "this is not a tar, however long it may be".repeat(40).getBytes(StandardCharsets.UTF_8),
            BusyboxRootfs.tar(),
            java.util.Arrays.copyOf(good, good.length / 2));
    for (byte[] archive : bad) {
      assertThatThrownBy(() -> load(archive))
          .isInstanceOf(RuntimeFault.class)
          .extracting(fault -> ((RuntimeFault) fault).kind())
          .isEqualTo(RuntimeFault.Kind.BAD_TAR);
    }
    assertThat(images().all()).isEmpty();
  }
}
