package dev.hanse.runtime.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.runtime.containerd.ContentStore;
import dev.hanse.runtime.content.BlobDescriptor;
import dev.hanse.runtime.content.Documents;
import dev.hanse.runtime.content.MediaTypes;
import dev.hanse.runtime.content.Reference;
import dev.hanse.runtime.content.StoredImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Writes images as Docker does since version 25: an OCI layout with a manifest.json beside it. */
public final class ArchiveWriter {
  private final ContentStore content;

  /** Writes what the content store has. */
  public ArchiveWriter(ContentStore content) {
    this.content = content;
  }

  /** An image to be saved and the names to save it under. */
  public record Item(StoredImage image, List<Reference> names) {}

  /** Writes one archive of all these images. */
  public void write(List<Item> items, OutputStream target) throws IOException {
    var tar = new TarArchiveOutputStream(target);
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    Set<String> written = new HashSet<>();
    for (Item item : items) {
      StoredImage image = item.image();
      var blobs = new ArrayList<BlobDescriptor>(image.manifest().layers());
      blobs.add(image.manifest().config());
      blobs.add(descriptor(image));
      for (BlobDescriptor blob : blobs) {
        if (written.add(blob.digest())) {
          tar.putArchiveEntry(entry(path(blob.digest()), blob.sizeBytes()));
          content.copyTo(blob.digest(), tar);
          tar.closeArchiveEntry();
        }
      }
    }
    put(tar, "manifest.json", dockerManifests(items));
    put(tar, "index.json", index(items));
    put(tar, "oci-layout", Documents.object().put("imageLayoutVersion", "1.0.0"));
    tar.finish();
    tar.flush();
  }

  private static BlobDescriptor descriptor(StoredImage image) {
    return new BlobDescriptor(
        image.manifest().mediaType(), image.manifestDigest(), image.manifestBytes());
  }

  private static JsonNode dockerManifests(List<Item> items) {
    ArrayNode list = Documents.object().putArray("items");
    for (Item item : items) {
      ObjectNode entry = list.addObject();
      entry.put("Config", path(item.image().id()));
      ArrayNode tags = entry.putArray("RepoTags");
      item.names().forEach(name -> tags.add(name.familiar()));
      ArrayNode layers = entry.putArray("Layers");
      item.image().manifest().layers().forEach(layer -> layers.add(path(layer.digest())));
    }
    return list;
  }

  private static JsonNode index(List<Item> items) {
    ObjectNode index =
        Documents.object().put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_INDEX);
    ArrayNode manifests = index.putArray("manifests");
    for (Item item : items) {
      if (item.names().isEmpty()) {
        manifests.add(descriptor(item.image()).write());
      }
      for (Reference name : item.names()) {
        ObjectNode entry = descriptor(item.image()).write();
        ObjectNode annotations = entry.putObject("annotations");
        annotations.put("io.containerd.image.name", name.canonical());
        name.tag().ifPresent(tag -> annotations.put("org.opencontainers.image.ref.name", tag));
        manifests.add(entry);
      }
    }
    return index;
  }

  private static void put(TarArchiveOutputStream tar, String name, JsonNode document)
      throws IOException {
    byte[] bytes = Documents.write(document);
    tar.putArchiveEntry(entry(name, bytes.length));
    tar.write(bytes);
    tar.closeArchiveEntry();
  }

  private static TarArchiveEntry entry(String name, long size) {
    var entry = new TarArchiveEntry(name);
    entry.setSize(size);
    entry.setModTime(0);
    return entry;
  }

  private static String path(String digest) {
    return "blobs/" + digest.replace(':', '/');
  }
}
