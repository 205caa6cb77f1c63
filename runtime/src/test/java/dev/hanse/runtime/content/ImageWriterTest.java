package dev.hanse.runtime.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.runtime.BusyboxRootfs;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.SampleImage;
import dev.hanse.runtime.World;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.ContentStore;
import dev.hanse.runtime.containerd.Lease;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("attack")
@Timeout(120)
class ImageWriterTest {
  private static final int LEVELS = 1_000;

  /** Containerd and the kernel walk all directories above each. */
  @Test
  void a_small_layer_of_deep_paths_is_given_up_when_its_time_is_over() throws Exception {
    try (World world = World.empty();
        ContainerdClient client = client(world);
        Lease lease = Lease.provisional(client)) {
      byte[] layer = SampleImage.gzip(nested());
      assertThat(layer.length).isLessThan(64 << 10);
      ObjectNode config = SampleImage.config(List.of(nested()));
      byte[] document = SampleImage.JSON.writeValueAsBytes(config);
      ContentStore content = new ContentStore(client.calls(lease));
      content.put(layer, Map.of());
      content.put(document, Map.of());
      ImageWriter writer =
          new ImageWriter(client, lease, RuntimeFault.Kind.BAD_IMAGE, Duration.ofSeconds(1));
      byte[] manifest = manifest(layer, document);
      assertThatThrownBy(
              () ->
                  writer.write(
                      manifest,
                      Manifest.read(manifest, MediaTypes.DOCKER_MANIFEST),
                      ImageWriter.LayerListener.NONE))
          .isInstanceOfSatisfying(
              RuntimeFault.class,
              fault -> assertThat(fault.kind()).isEqualTo(RuntimeFault.Kind.BAD_IMAGE))
          .hasMessageContaining("takes too long to unpack for its size");
    }
  }

  private static ContainerdClient client(World world) {
    var containerd = world.runtime().containerd();
    return new ContainerdClient(
        containerd.socket(), world.settings().namespace(), containerd.disk());
  }

  /** A directory in a directory in a directory. */
  private static byte[] nested() throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
      StringBuilder path = new StringBuilder();
      for (int level = 0; level < LEVELS; level++) {
        BusyboxRootfs.put(tar, path.append("d/").toString(), new byte[0], 0040755);
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] manifest(byte[] layer, byte[] config) throws IOException {
    ObjectNode manifest = SampleImage.JSON.createObjectNode().put("schemaVersion", 2);
    manifest.put("mediaType", MediaTypes.DOCKER_MANIFEST);
    manifest.set("config", descriptor(MediaTypes.DOCKER_CONFIG, config));
    manifest.putArray("layers").add(descriptor(MediaTypes.layerType(layer), layer));
    return SampleImage.JSON.writeValueAsBytes(manifest);
  }

  private static ObjectNode descriptor(String type, byte[] bytes) {
    return SampleImage.JSON
        .createObjectNode()
        .put("mediaType", type)
        .put("size", bytes.length)
        .put("digest", ContentStore.digest(bytes));
  }
}
