package dev.hanse.runtime.images;

import dev.hanse.bounds.BoundedCache;
import dev.hanse.bounds.HeapShares;
import dev.hanse.bounds.MemoryShare;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.RuntimeSettings;
import dev.hanse.runtime.archive.ArchiveLoader;
import dev.hanse.runtime.archive.ArchiveWriter;
import dev.hanse.runtime.archive.RootfsImport;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.ContentStore;
import dev.hanse.runtime.containerd.Lease;
import dev.hanse.runtime.content.ImageProgress;
import dev.hanse.runtime.content.Platform;
import dev.hanse.runtime.content.Reference;
import dev.hanse.runtime.content.RemoteImage;
import dev.hanse.runtime.content.StoredImage;
import dev.hanse.runtime.registry.RegistryCredentials;
import dev.hanse.text.Form;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/** The images of this node. Safe for use by many threads. */
public final class Images {
  private static final Form ID = Form.of("(?:sha256:)?[0-9a-f]{64}", 71);
  private static final Form ID_START = Form.of("(?:sha256:)?[0-9a-f]{1,64}", 71);

  /** What reading one archive takes: bzip2's tables, a header, pieces on their way. */
  private static final long ARCHIVE_BUFFER_BYTES = 8 << 20;

  private final ContainerdClient client;
  private final Catalog catalog;
  private final ImageRemoval removal;
  private final Puller puller;
  private final Platform platform = Platform.ofThisHost();
  private final BoundedCache<String, ImageRootfs> rootfsById =
      new BoundedCache<>(HeapShares.imageBytesMax() / 2, ImageRootfs::heapBytes);

  /** Names change under this lock: to move one takes several calls. */
  private final ReentrantLock naming = new ReentrantLock();

  /** The images in the client's namespace. */
  public Images(ContainerdClient client, RuntimeSettings settings) {
    this.client = client;
    this.catalog = new Catalog(client);
    this.removal = new ImageRemoval(client, catalog);
    this.puller = new Puller(client, platform, settings);
  }

  /**
   * All images, newest first. Each is read when the stream comes to it: their configurations are
   * foreign documents of any number.
   */
  public Stream<Image> all() {
    record Entry(List<Catalog.Named> names, Instant made) {}
    List<Entry> entries = new ArrayList<>();
    for (List<Catalog.Named> names : catalog.namesByImage().values()) {
      catalog
          .stored(names.getFirst())
          .ifPresent(stored -> entries.add(new Entry(names, made(stored, names))));
    }
    entries.sort(Comparator.comparing(Entry::made).reversed());
    return entries.stream()
        .flatMap(
            entry ->
                catalog
                    .stored(entry.names().getFirst())
                    .map(stored -> catalog.image(stored, entry.names()))
                    .stream());
  }

  private static Instant made(StoredImage stored, List<Catalog.Named> names) {
    return stored
        .document()
        .created()
        .orElseGet(
            () ->
                names.stream()
                    .map(Catalog.Named::created)
                    .min(Comparator.naturalOrder())
                    .orElse(Instant.EPOCH));
  }

  /** How many images there are. */
  public int count() {
    return catalog.namesByImage().size();
  }

  /**
   * Finds an image by name, {@code name@digest}, id or unambiguous start of an id.
   *
   * @return empty if there is none
   */
  public Optional<Image> find(String nameOrId) {
    return resolve(nameOrId)
        .map(
            stored ->
                catalog.image(stored, catalog.namesByImage().getOrDefault(stored.id(), List.of())));
  }

  /**
   * As {@link #find}.
   *
   * @throws RuntimeFault NO_SUCH_IMAGE with Docker's text
   */
  public Image require(String nameOrId) {
    return find(nameOrId).orElseThrow(() -> noSuchImage(nameOrId));
  }

  /**
   * What is needed to start containers of an image. Costs no call for an id that was used before.
   *
   * @throws RuntimeFault NO_SUCH_IMAGE
   */
  public ImageRootfs rootfs(String nameOrId) {
    Optional<ImageRootfs> known = rootfsById.find(nameOrId);
    if (known.isPresent()) {
      return known.get();
    }
    StoredImage stored = resolve(nameOrId).orElseThrow(() -> noSuchImage(nameOrId));
    ImageRootfs read = RootfsReader.read(client, stored);
    rootfsById.put(stored.id(), read);
    return read;
  }

  private Optional<StoredImage> resolve(String nameOrId) {
    if (ID.fits(nameOrId)) {
      return byId(nameOrId);
    }
    Optional<StoredImage> named = byName(nameOrId);
    if (named.isPresent() || !ID_START.fits(nameOrId)) {
      return named;
    }
    return byId(nameOrId);
  }

  private Optional<StoredImage> byName(String text) {
    Reference reference;
    try {
      reference = Reference.parse(text);
    } catch (RuntimeFault notAName) {
      return Optional.empty();
    }
    String name =
        reference
            .digest()
            .map(digest -> reference.withDigest(digest).canonical())
            .orElse(reference.canonical());
    return catalog.name(name).flatMap(catalog::stored);
  }

  private Optional<StoredImage> byId(String start) {
    String prefix = start.startsWith("sha256:") ? start : "sha256:" + start;
    var found =
        catalog.namesByImage().entrySet().stream()
            .filter(entry -> entry.getKey().startsWith(prefix))
            .toList();
    return found.size() == 1
        ? catalog.stored(found.getFirst().getValue().getFirst())
        : Optional.empty();
  }

  /** Gives an image one more name; a name that pointed elsewhere is moved. */
  public void tag(String source, String target) {
    Reference reference = Reference.parse(target);
    if (reference.digest().isPresent()) {
      throw new RuntimeFault(
          RuntimeFault.Kind.INVALID, "refusing to create a tag with a digest reference");
    }
    StoredImage image = resolve(source).orElseThrow(() -> noSuchImage(source));
    point(reference.canonical(), image);
  }

  private void point(String name, StoredImage image) {
    naming.lock();
    try {
      catalog.remember(image);
      catalog.point(name, image);
    } finally {
      naming.unlock();
    }
  }

  /** Names a new image, or keeps it without a name; it is safe from collection afterwards. */
  private void anchor(StoredImage image, List<String> names) {
    if (names.isEmpty()) {
      boolean named = catalog.namesByImage().containsKey(image.id());
      if (!named) {
        point(Catalog.DANGLING + image.manifestDigest(), image);
      }
    }
    names.forEach(name -> point(name, image));
  }

  /**
   * Removes a name, and the image with its last name; by id removes all its names.
   *
   * @param force also when several names or a stopped container use it
   * @throws RuntimeFault NO_SUCH_IMAGE, or CONFLICT with Docker's text
   */
  public List<RemovedImage> remove(String nameOrId, boolean force) {
    naming.lock();
    try {
      StoredImage image = resolve(nameOrId).orElseThrow(() -> noSuchImage(nameOrId));
      boolean byName = !ID.fits(nameOrId) && byName(nameOrId).isPresent();
      Optional<Reference> reference =
          byName ? Optional.of(Reference.parse(nameOrId)) : Optional.empty();
      return forget(removal.remove(image, reference, nameOrId, force));
    } finally {
      naming.unlock();
    }
  }

  /**
   * Removes images without a name (or, with {@code all}, without a container).
   *
   * @return what went
   */
  public List<RemovedImage> prune(boolean all) {
    naming.lock();
    try {
      return forget(removal.prune(all));
    } finally {
      naming.unlock();
    }
  }

  private List<RemovedImage> forget(List<RemovedImage> removed) {
    for (RemovedImage one : removed) {
      if (one instanceof RemovedImage.Deleted deleted) {
        rootfsById.remove(deleted.id());
      }
    }
    return removed;
  }

  /**
   * Reads a {@code docker save} archive or an OCI layout, plain, gzip or bzip2.
   *
   * @return the images, as named in the archive
   * @throws RuntimeFault BAD_TAR
   */
  public List<LoadedImage> load(InputStream archive, ImageProgress.Listener progress) {
    try (MemoryShare.Claim memory = archiveMemory();
        MemoryShare.Claim documents = HeapShares.DOCUMENTS.firm();
        Lease lease = Lease.provisional(client)) {
      var loaded = new ArrayList<LoadedImage>();
      for (var found :
          new ArchiveLoader(client, lease, platform, documents).load(archive, progress)) {
        anchor(found.image(), found.names().stream().map(Reference::canonical).toList());
        loaded.add(
            new LoadedImage(
                require(found.image().id()),
                found.names().stream().map(Reference::familiar).toList()));
      }
      lease.keep();
      return loaded;
    }
  }

  /**
   * Makes a one-layer image of a file system tar, plain, gzip or bzip2 ({@code docker import}).
   *
   * @param reference name to give it, if any
   * @param changes Dockerfile lines: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME,
   *     WORKDIR
   * @throws RuntimeFault BAD_TAR, or INVALID for an unknown change
   */
  public Image importRootfs(
      InputStream tar, Optional<Reference> reference, String message, List<String> changes) {
    try (MemoryShare.Claim memory = archiveMemory();
        Lease lease = Lease.provisional(client)) {
      StoredImage image = new RootfsImport(client, lease, platform).write(tar, message, changes);
      anchor(image, reference.map(Reference::canonical).stream().toList());
      lease.keep();
      return require(image.id());
    }
  }

  private static MemoryShare.Claim archiveMemory() {
    MemoryShare.Claim memory = HeapShares.ARCHIVES.firm();
    if (memory.grow(ARCHIVE_BUFFER_BYTES)) {
      return memory;
    }
    throw new RuntimeFault(
        RuntimeFault.Kind.UNAVAILABLE, "too many archives are being read: try again later");
  }

  /** Writes a {@code docker save} archive (also a valid OCI layout) of these images. */
  public void save(List<String> namesOrIds, OutputStream archive) throws IOException {
    var items = new ArrayList<ArchiveWriter.Item>();
    for (String nameOrId : namesOrIds) {
      StoredImage image = resolve(nameOrId).orElseThrow(() -> noSuchImage(nameOrId));
      boolean tagged = !ID.fits(nameOrId) && byName(nameOrId).isPresent();
      List<Reference> names =
          tagged
              ? List.of(Reference.parse(nameOrId)).stream()
                  .filter(name -> name.tag().isPresent())
                  .toList()
              : List.of();
      items.add(new ArchiveWriter.Item(image, names));
    }
    new ArchiveWriter(new ContentStore(client.calls())).write(items, archive);
  }

  /**
   * Pulls an image. What is here already is not fetched again; a broken download goes on where it
   * stopped.
   *
   * @throws RuntimeFault MANIFEST_UNKNOWN, PULL_DENIED, UNAUTHORIZED, REGISTRY_UNREACHABLE,
   *     BAD_IMAGE
   */
  public Image pull(
      Reference reference,
      Optional<RegistryCredentials> credentials,
      ImageProgress.Listener progress) {
    try (Lease lease = Lease.take(client)) {
      Puller.Pulled pulled = puller.pull(lease, reference, credentials, progress);
      boolean present =
          byName(reference.canonical())
              .filter(old -> old.id().equals(pulled.image().id()))
              .isPresent();
      var names = new ArrayList<String>();
      if (reference.digest().isEmpty()) {
        names.add(reference.canonical());
      }
      names.add(reference.withDigest(pulled.digest()).canonical());
      anchor(pulled.image(), names);
      progress.progressed(ImageProgress.of("Digest: " + pulled.digest()));
      progress.progressed(
          ImageProgress.of(
              (present ? "Status: Image is up to date for " : "Status: Downloaded newer image for ")
                  + reference.familiar()));
      return require(pulled.image().id());
    }
  }

  /**
   * Asks the registry for the digest that a name has now, without pulling; what a manager pins a
   * service's image to.
   */
  public String remoteDigest(Reference reference, Optional<RegistryCredentials> credentials) {
    return puller.remoteDigest(reference, credentials);
  }

  /**
   * Asks the registry what a name points to now, without pulling.
   *
   * @throws RuntimeFault as {@link #pull}
   */
  public RemoteImage remote(Reference reference, Optional<RegistryCredentials> credentials) {
    return puller.remote(reference, credentials);
  }

  /**
   * Checks a login with a registry.
   *
   * @param registry {@code host[:port]}, or {@code docker.io}
   * @throws RuntimeFault UNAUTHORIZED when the registry refuses it, REGISTRY_UNREACHABLE
   */
  public void checkLogin(String registry, RegistryCredentials credentials) {
    puller.checkLogin(registry, credentials);
  }

  private static RuntimeFault noSuchImage(String nameOrId) {
    String shown = nameOrId;
    try {
      shown = ID.fits(nameOrId) ? nameOrId : Reference.parse(nameOrId).familiar();
    } catch (RuntimeFault notAName) {
      shown = nameOrId;
    }
    return new RuntimeFault(RuntimeFault.Kind.NO_SUCH_IMAGE, "No such image: " + shown);
  }
}
