package dev.hanse.runtime.archive;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.bounds.BoundedJson;
import dev.hanse.bounds.MemoryShare;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.ContentStore;
import dev.hanse.runtime.containerd.Lease;
import dev.hanse.runtime.content.BlobDescriptor;
import dev.hanse.runtime.content.Documents;
import dev.hanse.runtime.content.ImageProgress;
import dev.hanse.runtime.content.ImageWriter;
import dev.hanse.runtime.content.Manifest;
import dev.hanse.runtime.content.MediaTypes;
import dev.hanse.runtime.content.Platform;
import dev.hanse.runtime.content.Reference;
import dev.hanse.runtime.content.StoredImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/**
 * Reads an image archive in one pass: the order of its files is not fixed, so each becomes a blob
 * under a lease, and what no manifest claims goes with the lease. Sources: the docker save format
 * (moby's image/spec) and the OCI image layout.
 */
public final class ArchiveLoader {
  private static final int LINKS_MAX = 16;

  /** Images and names of images in one archive. */
  private static final int FOUND_MAX = 10_000;

  private static final long ENTRY_BYTES_MAX = 64L << 30;
  private static final String NAME_ANNOTATION = "io.containerd.image.name";
  private static final String TAG_ANNOTATION = "org.opencontainers.image.ref.name";

  private final Lease lease;
  private final ContentStore content;
  private final ImageWriter writer;
  private final BlobCopy copy;
  private final Platform platform;

  /** For what is kept of each image until all are there. */
  private final MemoryShare.Claim memory;

  private int count;
  private final Map<String, BlobCopy.Copied> files = new HashMap<>();
  private final Map<String, String> links = new HashMap<>();

  /** Loads under the lease for a host of the platform. */
  public ArchiveLoader(
      ContainerdClient client, Lease lease, Platform platform, MemoryShare.Claim memory) {
    this.lease = lease;
    this.memory = memory;
    this.content = new ContentStore(client.calls(lease));
    this.writer = new ImageWriter(client, lease, RuntimeFault.Kind.BAD_TAR);
    this.copy = new BlobCopy(client, lease);
    this.platform = platform;
  }

  /** An image of the archive and the names that it gives it. */
  public record Found(StoredImage image, List<Reference> names) {}

  /** Loads all images of an archive. */
  public List<Found> load(InputStream archive, ImageProgress.Listener progress) {
    try {
      readFiles(new BoundedTar(Archives.plainTar(archive)), progress);
    } catch (IOException failure) {
      throw Archives.badTar(failure);
    }
    if (files.containsKey("manifest.json") || links.containsKey("manifest.json")) {
      return dockerImages(document("manifest.json"), progress);
    }
    if (files.containsKey("index.json")) {
      return layoutImages(document("index.json"), progress);
    }
    throw bad("archive has neither manifest.json nor index.json: not an image archive");
  }

  private void readFiles(BoundedTar tar, ImageProgress.Listener progress) throws IOException {
    for (Optional<TarArchiveEntry> next = tar.next(); next.isPresent(); next = tar.next()) {
      TarArchiveEntry entry = next.get();
      if (entry.getSize() > ENTRY_BYTES_MAX) {
        throw bad("archive has too large files");
      }
      String name = normal(entry.getName());
      if (entry.isSymbolicLink()) {
        Path directory = path(name).resolveSibling(entry.getLinkName());
        links.put(name, normal(directory.toString()));
      } else if (entry.isLink()) {
        links.put(name, normal(entry.getLinkName()));
      } else if (entry.isFile()) {
        progress.progressed(ImageProgress.of(shortName(name), "Loading layer", 0, entry.getSize()));
        BlobCopy.Copied copied = copy.copy(tar.content());
        checkName(name, copied);
        files.put(name, copied);
      }
    }
  }

  private static void checkName(String name, BlobCopy.Copied copied) {
    String blobs = "blobs/sha256/";
    if (name.startsWith(blobs)
        && !copied.digest().equals("sha256:" + name.substring(blobs.length()))) {
      throw bad("file " + name + " has the digest " + copied.digest());
    }
  }

  private static String shortName(String name) {
    String last = name.substring(name.lastIndexOf('/') + 1);
    return last.length() > 12 ? last.substring(0, 12) : last;
  }

  private static String normal(String name) {
    String path = path(name).normalize().toString();
    return path.substring(1);
  }

  private static Path path(String name) {
    try {
      return Path.of("/" + name);
    } catch (InvalidPathException malformed) {
      throw bad("archive has an invalid file name");
    }
  }

  private List<Found> dockerImages(JsonNode manifests, ImageProgress.Listener progress) {
    var found = new ArrayList<Found>();
    for (JsonNode item : manifests) {
      countOneMore();
      BlobCopy.Copied config = file(item.path("Config").asText(""));
      var layers = new ArrayList<BlobDescriptor>();
      for (String layer : Documents.texts(item.path("Layers"))) {
        layers.add(file(layer).asLayer());
      }
      var manifest =
          new Manifest(
              MediaTypes.DOCKER_MANIFEST,
              new BlobDescriptor(MediaTypes.DOCKER_CONFIG, config.digest(), config.sizeBytes()),
              layers);
      var names = new ArrayList<Reference>();
      for (String tag : Documents.texts(item.path("RepoTags"))) {
        countOneMore();
        names.add(Reference.parse(tag));
      }
      found.add(new Found(write(manifest.write(), manifest, progress), names));
    }
    if (found.isEmpty()) {
      throw bad("manifest.json of the archive names no image");
    }
    return found;
  }

  private List<Found> layoutImages(JsonNode index, ImageProgress.Listener progress) {
    var found = new ArrayList<Found>();
    for (JsonNode item : index.path("manifests")) {
      countOneMore();
      BlobDescriptor descriptor = BlobDescriptor.read(item);
      byte[] bytes = blob(descriptor.digest());
      if (MediaTypes.isIndex(descriptor.mediaType())) {
        descriptor = platform.choose(bytes, descriptor.digest());
        bytes = blob(descriptor.digest());
      }
      Manifest manifest = Manifest.read(bytes, descriptor.mediaType());
      manifest.layers().forEach(layer -> lease.holdContent(require(layer.digest())));
      List<Reference> names = name(item.path("annotations")).stream().toList();
      found.add(new Found(write(bytes, manifest, progress), names));
    }
    if (found.isEmpty()) {
      throw bad("index.json of the archive names no image");
    }
    return found;
  }

  private static Optional<Reference> name(JsonNode annotations) {
    String full = annotations.path(NAME_ANNOTATION).asText("");
    if (!full.isEmpty()) {
      return Optional.of(Reference.parse(full));
    }
    String tag = annotations.path(TAG_ANNOTATION).asText("");
    // A bare tag has no repository: it cannot name an image here.
    return tag.contains("/") || tag.contains(":")
        ? Optional.of(Reference.parse(tag))
        : Optional.empty();
  }

  private void countOneMore() {
    if (++count > FOUND_MAX) {
      throw bad("archive has more than " + FOUND_MAX + " images and names");
    }
  }

  private StoredImage write(byte[] bytes, Manifest manifest, ImageProgress.Listener progress) {
    byte[] configuration = content.document(manifest.config().digest());
    if (!memory.grow(BoundedJson.treeBytes(configuration) + 2L * bytes.length)) {
      throw new RuntimeFault(
          RuntimeFault.Kind.UNAVAILABLE,
          "too many image documents are being read: configurations of one archive");
    }
    return writer.write(
        bytes,
        manifest,
        (layer, finished) ->
            progress.progressed(
                ImageProgress.of(
                    layer.shortId(),
                    finished ? "Pull complete" : "Extracting",
                    finished ? layer.sizeBytes() : 0,
                    layer.sizeBytes())));
  }

  private byte[] blob(String digest) {
    return content.document(require(digest));
  }

  private String require(String digest) {
    return file("blobs/" + digest.replace(':', '/')).digest();
  }

  private JsonNode document(String name) {
    return Documents.read(
        content.document(file(name).digest()), RuntimeFault.Kind.BAD_TAR, name + " of the archive");
  }

  private BlobCopy.Copied file(String name) {
    String path = normal(name);
    for (int step = 0; step < LINKS_MAX; step++) {
      BlobCopy.Copied file = files.get(path);
      if (file != null) {
        return file;
      }
      String target = links.get(path);
      if (target == null) {
        break;
      }
      path = target;
    }
    throw bad("archive lacks the file " + name);
  }

  private static RuntimeFault bad(String message) {
    return new RuntimeFault(RuntimeFault.Kind.BAD_TAR, message);
  }
}
