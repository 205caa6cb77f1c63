package dev.hanse.runtime.images;

import com.google.protobuf.FieldMask;
import com.google.protobuf.Timestamp;
import dev.hanse.bounds.BoundedCache;
import dev.hanse.bounds.HeapShares;
import dev.hanse.containerd.images.CreateImageRequest;
import dev.hanse.containerd.images.DeleteImageRequest;
import dev.hanse.containerd.images.GetImageRequest;
import dev.hanse.containerd.images.ListImagesRequest;
import dev.hanse.containerd.images.UpdateImageRequest;
import dev.hanse.containerd.snapshots.UsageRequest;
import dev.hanse.containerd.types.Descriptor;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.ContentStore;
import dev.hanse.runtime.containerd.Faults;
import dev.hanse.runtime.containerd.SnapshotLayers;
import dev.hanse.runtime.content.ConfigDocument;
import dev.hanse.runtime.content.Manifest;
import dev.hanse.runtime.content.Reference;
import dev.hanse.runtime.content.StoredImage;
import io.grpc.StatusRuntimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The names of images in containerd and what they point to. A name points to one platform's
 * manifest; an image that lost its last tag to another keeps a name that begins with {@link
 * #DANGLING}. Manifests and layers never change, so what was read once is remembered.
 */
final class Catalog {
  static final String DANGLING = "hanse-dangling@";
  private static final Logger LOG = LoggerFactory.getLogger(Catalog.class);

  /** Of caches whose entries are two digests at most. */
  private static final long SMALL_BYTES = 1 << 20;

  private static final long ENTRY_BYTES = 320;

  private final ContainerdClient client;
  private final BoundedCache<String, StoredImage> byManifest =
      new BoundedCache<>(HeapShares.imageBytesMax() / 2, StoredImage::heapBytes);

  /** By manifest: all that a list of names needs. */
  private final BoundedCache<String, String> ids =
      new BoundedCache<>(SMALL_BYTES, _ -> ENTRY_BYTES);

  private final BoundedCache<String, Long> layerBytes =
      new BoundedCache<>(SMALL_BYTES, _ -> ENTRY_BYTES);

  Catalog(ContainerdClient client) {
    this.client = client;
  }

  /** One image name as containerd has it. */
  record Named(String name, Descriptor target, Instant created) {}

  List<Named> names() {
    try {
      var found = new ArrayList<Named>();
      for (var image :
          client.calls().images().list(ListImagesRequest.getDefaultInstance()).getImagesList()) {
        found.add(named(image));
      }
      return found;
    } catch (StatusRuntimeException failure) {
      throw Faults.of("listing images", failure);
    }
  }

  private static Named named(dev.hanse.containerd.images.Image image) {
    Timestamp created = image.getCreatedAt();
    return new Named(
        image.getName(),
        image.getTarget(),
        Instant.ofEpochSecond(created.getSeconds(), created.getNanos()));
  }

  Optional<Named> name(String name) {
    try {
      var request = GetImageRequest.newBuilder().setName(name).build();
      return Optional.of(named(client.calls().images().get(request).getImage()));
    } catch (StatusRuntimeException failure) {
      if (Faults.isNotFound(failure)) {
        return Optional.empty();
      }
      throw Faults.of("looking for image " + name, failure);
    }
  }

  /** Names by the image id that they point to; unreadable ones are left out. */
  Map<String, List<Named>> namesByImage() {
    Map<String, List<Named>> found = new LinkedHashMap<>();
    for (Named named : names()) {
      ids.find(named.target().getDigest())
          .or(() -> stored(named).map(StoredImage::id))
          .ifPresent(image -> found.computeIfAbsent(image, id -> new ArrayList<>()).add(named));
    }
    return found;
  }

  Optional<StoredImage> stored(Named named) {
    Optional<StoredImage> known = byManifest.find(named.target().getDigest());
    if (known.isPresent()) {
      return known;
    }
    try {
      StoredImage read = read(named.target());
      remember(read);
      return Optional.of(read);
    } catch (RuntimeFault fault) {
      if (fault.kind() == RuntimeFault.Kind.UNAVAILABLE) {
        throw fault;
      }
      LOG.warn("image {} cannot be read: {}", named.name(), fault.getMessage());
      return Optional.empty();
    }
  }

  private StoredImage read(Descriptor target) {
    var content = new ContentStore(client.calls());
    Manifest manifest = Manifest.read(content.document(target.getDigest()), target.getMediaType());
    ConfigDocument document = ConfigDocument.read(content.document(manifest.config().digest()));
    return new StoredImage(
        target.getDigest(), target.getSize(), manifest, document, document.chainIds());
  }

  void remember(StoredImage image) {
    byManifest.put(image.manifestDigest(), image);
    ids.put(image.manifestDigest(), image.id());
  }

  /** Points a name to a manifest. What it pointed to before stays as a dangling image. */
  void point(String name, StoredImage image) {
    Descriptor target =
        Descriptor.newBuilder()
            .setMediaType(image.manifest().mediaType())
            .setDigest(image.manifestDigest())
            .setSize(image.manifestBytes())
            .build();
    Optional<Named> before = name(name);
    if (before.isPresent() && before.get().target().getDigest().equals(target.getDigest())) {
      return;
    }
    before.ifPresent(old -> keepDangling(old, name));
    set(name, target);
    String dangling = DANGLING + target.getDigest();
    if (!name.startsWith(DANGLING) && name(dangling).isPresent()) {
      delete(dangling, false);
    }
  }

  private void keepDangling(Named old, String exceptName) {
    boolean namedElsewhere =
        names().stream()
            .anyMatch(
                other ->
                    !other.name().equals(exceptName)
                        && other.target().getDigest().equals(old.target().getDigest()));
    if (!namedElsewhere) {
      set(DANGLING + old.target().getDigest(), old.target());
    }
  }

  private void set(String name, Descriptor target) {
    var image =
        dev.hanse.containerd.images.Image.newBuilder().setName(name).setTarget(target).build();
    try {
      var unused =
          client.calls().images().create(CreateImageRequest.newBuilder().setImage(image).build());
    } catch (StatusRuntimeException failure) {
      if (!Faults.isAlreadyExists(failure)) {
        throw Faults.of("naming image " + name, failure);
      }
      var unused =
          client
              .calls()
              .images()
              .update(
                  UpdateImageRequest.newBuilder()
                      .setImage(image)
                      .setUpdateMask(FieldMask.newBuilder().addPaths("target"))
                      .build());
    }
  }

  /** Takes a name away; with {@code collect}, waits until what it held is off the disk. */
  void delete(String name, boolean collect) {
    try {
      var unused =
          client
              .calls()
              .images()
              .delete(DeleteImageRequest.newBuilder().setName(name).setSync(collect).build());
    } catch (StatusRuntimeException failure) {
      if (!Faults.isNotFound(failure)) {
        throw Faults.of("removing image " + name, failure);
      }
    }
  }

  /** The image with all its names as the user sees it. */
  Image image(StoredImage stored, List<Named> names) {
    var tags = new ArrayList<String>();
    var digests = new ArrayList<String>();
    for (Named named : names) {
      if (!named.name().startsWith(DANGLING)) {
        (named.name().contains("@") ? digests : tags).add(Reference.parse(named.name()).familiar());
      }
    }
    ConfigDocument document = stored.document();
    List<Image.HistoryEntry> history = history(stored);
    return new Image(
        stored.id(),
        tags.stream().sorted().toList(),
        digests.stream().sorted().toList(),
        stored.manifestDigest(),
        document.created(),
        names.stream().map(Named::created).min(Comparator.naturalOrder()).orElse(Instant.EPOCH),
        stored.chainIds().stream().mapToLong(this::bytesOf).sum(),
        document.operatingSystem(),
        document.architecture(),
        document.variant(),
        document.author(),
        history.isEmpty() ? "" : history.getLast().comment(),
        document.config(),
        document.layers(),
        history);
  }

  private List<Image.HistoryEntry> history(StoredImage stored) {
    var entries = new ArrayList<Image.HistoryEntry>();
    int layer = 0;
    for (ConfigDocument.Step step : stored.document().history()) {
      boolean hasLayer = !step.emptyLayer() && layer < stored.chainIds().size();
      long bytes = hasLayer ? bytesOf(stored.chainIds().get(layer++)) : 0;
      entries.add(
          new Image.HistoryEntry(
              step.created(), step.createdBy(), step.comment(), step.emptyLayer(), bytes));
    }
    return entries;
  }

  private long bytesOf(String chainId) {
    Optional<Long> known = layerBytes.find(chainId);
    if (known.isPresent()) {
      return known.get();
    }
    try {
      long bytes =
          client
              .calls()
              .snapshots()
              .usage(
                  UsageRequest.newBuilder()
                      .setSnapshotter(SnapshotLayers.SNAPSHOTTER)
                      .setKey(chainId)
                      .build())
              .getSize();
      layerBytes.put(chainId, bytes);
      return bytes;
    } catch (StatusRuntimeException failure) {
      if (Faults.isNotFound(failure)) {
        return 0;
      }
      throw Faults.of("measuring layer " + chainId, failure);
    }
  }
}
