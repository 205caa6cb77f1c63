package dev.hanse.runtime.archive;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.ContentStore;
import dev.hanse.runtime.containerd.Lease;
import dev.hanse.runtime.content.BlobDescriptor;
import dev.hanse.runtime.content.Documents;
import dev.hanse.runtime.content.ImageWriter;
import dev.hanse.runtime.content.Manifest;
import dev.hanse.runtime.content.MediaTypes;
import dev.hanse.runtime.content.Platform;
import dev.hanse.runtime.content.StoredImage;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Makes a one-layer image of the tar of a file system. */
public final class RootfsImport {
  private final ContainerdClient client;
  private final Lease lease;
  private final Platform platform;

  /** Imports under the lease for hosts of the platform. */
  public RootfsImport(ContainerdClient client, Lease lease, Platform platform) {
    this.client = client;
    this.lease = lease;
    this.platform = platform;
  }

  /** Stores the tar as a layer, with a configuration made by {@code docker import}'s changes. */
  public StoredImage write(InputStream tar, String message, List<String> changes) {
    // The changes first: a mistake in them should not cost the reading of the tar.
    ObjectNode config = Documents.object();
    var applied = new ImportChanges(config);
    changes.forEach(applied::apply);
    BlobDescriptor layer;
    try {
      BlobCopy.Copied copied = new BlobCopy(client, lease).copy(Archives.plainTar(tar));
      layer = copied.asLayer();
    } catch (IOException failure) {
      throw Archives.badTar(failure);
    }
    byte[] document = document(config, layer.digest(), message);
    String id = new ContentStore(client.calls(lease)).put(document, Map.of());
    var manifest =
        new Manifest(
            MediaTypes.DOCKER_MANIFEST,
            new BlobDescriptor(MediaTypes.DOCKER_CONFIG, id, document.length),
            List.of(layer));
    return new ImageWriter(client, lease, RuntimeFault.Kind.BAD_TAR)
        .write(manifest.write(), manifest, ImageWriter.LayerListener.NONE);
  }

  private byte[] document(ObjectNode config, String layer, String message) {
    String now = Instant.now().toString();
    ObjectNode root =
        Documents.object()
            .put("architecture", platform.architecture())
            .put("os", platform.operatingSystem())
            .put("created", now);
    if (!platform.variant().isEmpty()) {
      root.put("variant", platform.variant());
    }
    root.set("config", config);
    root.putObject("rootfs").put("type", "layers").putArray("diff_ids").add(layer);
    root.putArray("history").addObject().put("created", now).put("comment", message);
    return Documents.write(root);
  }
}
