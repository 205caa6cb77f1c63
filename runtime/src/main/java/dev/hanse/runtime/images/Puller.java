package dev.hanse.runtime.images;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.bounds.KeyedTurns;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.RuntimeSettings;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.ContentStore;
import dev.hanse.runtime.containerd.Lease;
import dev.hanse.runtime.content.BlobDescriptor;
import dev.hanse.runtime.content.ConfigDocument;
import dev.hanse.runtime.content.Documents;
import dev.hanse.runtime.content.ImageProgress;
import dev.hanse.runtime.content.ImageWriter;
import dev.hanse.runtime.content.Manifest;
import dev.hanse.runtime.content.MediaTypes;
import dev.hanse.runtime.content.Platform;
import dev.hanse.runtime.content.Reference;
import dev.hanse.runtime.content.RemoteImage;
import dev.hanse.runtime.content.StoredImage;
import dev.hanse.runtime.registry.Registries;
import dev.hanse.runtime.registry.RegistryCredentials;
import dev.hanse.runtime.registry.Repository;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Brings images from registries: manifest, then configuration and layers side by side. */
final class Puller {

  private final ContainerdClient client;
  private final Platform platform;
  private final Registries registries;
  private final DownloadPlaces places = new DownloadPlaces();

  Puller(ContainerdClient client, Platform platform, RuntimeSettings settings) {
    this.client = client;
    this.platform = platform;
    this.registries = new Registries(settings.insecureRegistries(), settings.mirrors());
  }

  /**
   * An image that was pulled and is held by the lease.
   *
   * @param digest of what the name pointed to, an index or a manifest
   */
  record Pulled(StoredImage image, String digest) {}

  Pulled pull(
      Lease lease,
      Reference reference,
      Optional<RegistryCredentials> credentials,
      ImageProgress.Listener progress) {
    return registries.ask(
        reference.domain(),
        reference.repository(),
        credentials,
        repository -> pull(lease, reference, repository, progress));
  }

  String remoteDigest(Reference reference, Optional<RegistryCredentials> credentials) {
    return registries.ask(
        reference.domain(),
        reference.repository(),
        credentials,
        repository -> {
          try {
            return repository
                .digest(target(reference), MediaTypes.ACCEPTED)
                .filter(BlobDescriptor::isDigest)
                .orElseGet(
                    () -> ContentStore.digest(document(repository, target(reference)).bytes()));
          } catch (RuntimeFault fault) {
            throw named(fault, reference);
          }
        });
  }

  RemoteImage remote(Reference reference, Optional<RegistryCredentials> credentials) {
    return registries.ask(
        reference.domain(),
        reference.repository(),
        credentials,
        repository -> {
          try {
            return remote(repository, document(repository, target(reference)));
          } catch (RuntimeFault fault) {
            throw named(fault, reference);
          }
        });
  }

  private static RemoteImage remote(Repository repository, Repository.Document document) {
    return new RemoteImage(
        ContentStore.digest(document.bytes()),
        document.mediaType(),
        document.content().size(),
        isIndex(document) ? Platform.ofIndex(document.bytes()) : platform(repository, document));
  }

  private static List<RemoteImage.ImagePlatform> platform(
      Repository repository, Repository.Document document) {
    BlobDescriptor config = Manifest.read(document.bytes(), document.mediaType()).config();
    byte[] bytes = repository.document(config.digest(), Math.toIntExact(config.sizeBytes()));
    check("image configuration", Optional.of(config.digest()), ContentStore.digest(bytes));
    ConfigDocument read = ConfigDocument.read(bytes);
    return List.of(
        new RemoteImage.ImagePlatform(read.operatingSystem(), read.architecture(), read.variant()));
  }

  void checkLogin(String registry, RegistryCredentials credentials) {
    registries.checkLogin(registry, credentials);
  }

  private static String target(Reference reference) {
    return reference.digest().or(reference::tag).orElse("latest");
  }

  private Pulled pull(
      Lease lease, Reference reference, Repository repository, ImageProgress.Listener progress) {
    Repository.Document first;
    try {
      first = document(repository, target(reference));
    } catch (RuntimeFault fault) {
      throw named(fault, reference);
    }
    String digest = ContentStore.digest(first.bytes());
    check("manifest", first.declaredDigest(), digest);
    progress.progressed(
        ImageProgress.of(target(reference), "Pulling from " + reference.repository()));
    Repository.Document document = first;
    if (isIndex(first)) {
      BlobDescriptor chosen = platform.choose(first.bytes(), reference.familiar());
      document = document(repository, chosen.digest());
    }
    Manifest manifest = Manifest.read(document.bytes(), document.mediaType());
    download(
        new BlobDownload(client, lease, repository, progress),
        manifest,
        () -> places.await(reference));
    StoredImage image =
        new ImageWriter(client, lease, RuntimeFault.Kind.BAD_IMAGE)
            .write(document.bytes(), manifest, (layer, done) -> unpacked(progress, layer, done));
    return new Pulled(image, digest);
  }

  private static Repository.Document document(Repository repository, String target) {
    Repository.Document document =
        repository.manifest(target, MediaTypes.ACCEPTED, Manifest.BYTES_MAX);
    if (BlobDescriptor.isDigest(target)) {
      // Nothing is looked at before it is what was asked for.
      check("manifest", Optional.of(target), ContentStore.digest(document.bytes()));
    }
    return new Repository.Document(kind(document), document.declaredDigest(), document.content());
  }

  /** What a document is: as the transport says, or else as it says itself. */
  private static String kind(Repository.Document document) {
    if (MediaTypes.ACCEPTED.contains(document.mediaType())) {
      return document.mediaType();
    }
    JsonNode root = Documents.read(document.bytes(), RuntimeFault.Kind.BAD_IMAGE, "manifest");
    String own = root.path("mediaType").asText("");
    if (MediaTypes.ACCEPTED.contains(own)) {
      return own;
    }
    if (root.has("manifests")) {
      return MediaTypes.OCI_INDEX;
    }
    throw new RuntimeFault(
        RuntimeFault.Kind.BAD_IMAGE,
        "unsupported manifest media type: '" + (own.isEmpty() ? document.mediaType() : own) + "'");
  }

  private static boolean isIndex(Repository.Document document) {
    return MediaTypes.isIndex(document.mediaType());
  }

  private static void check(String what, Optional<String> wanted, String actual) {
    if (wanted.isPresent() && !wanted.get().equals(actual)) {
      throw new RuntimeFault(
          RuntimeFault.Kind.BAD_IMAGE,
          what + " verification failed for digest " + wanted.get() + ": it has " + actual);
    }
  }

  private static RuntimeFault named(RuntimeFault fault, Reference reference) {
    if (fault.kind() != RuntimeFault.Kind.MANIFEST_UNKNOWN
        || fault.getMessage().startsWith("repository ")) {
      return fault;
    }
    return new RuntimeFault(
        RuntimeFault.Kind.MANIFEST_UNKNOWN,
        "manifest for " + reference.familiar() + " not found: manifest unknown",
        fault);
  }

  private static void unpacked(
      ImageProgress.Listener progress, BlobDescriptor layer, boolean done) {
    progress.progressed(
        done
            ? ImageProgress.of(layer.shortId(), "Pull complete")
            : ImageProgress.of(
                layer.shortId(), "Extracting", layer.sizeBytes(), layer.sizeBytes()));
  }

  private static void download(
      BlobDownload download, Manifest manifest, Callable<KeyedTurns.Turn> turn) {
    Map<String, BlobDescriptor> layers = new LinkedHashMap<>();
    manifest.layers().forEach(layer -> layers.put(layer.digest(), layer));
    layers.values().forEach(download::announce);
    List<Future<Void>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var ends = new ExecutorCompletionService<Void>(threads);
      running.add(ends.submit(() -> one(download, manifest.config(), false, turn)));
      layers
          .values()
          .forEach(layer -> running.add(ends.submit(() -> one(download, layer, true, turn))));
      try {
        for (int i = 0; i < running.size(); i++) {
          var unused = ends.take().get();
        }
      } finally {
        running.forEach(future -> future.cancel(true));
      }
    } catch (ExecutionException failure) {
      throw failure.getCause() instanceof RuntimeFault fault
          ? fault
          : new RuntimeFault(RuntimeFault.Kind.INTERNAL, "download failed", failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new RuntimeFault(RuntimeFault.Kind.UNAVAILABLE, "pull was interrupted", interrupted);
    }
  }

  private static Void one(
      BlobDownload download, BlobDescriptor blob, boolean layer, Callable<KeyedTurns.Turn> turn)
      throws Exception {
    try (KeyedTurns.Turn _ = turn.call()) {
      download.fetch(blob, layer);
    }
    return null;
  }
}
