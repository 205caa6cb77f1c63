package dev.hanse.runtime.images;

import dev.hanse.containerd.snapshots.RemoveSnapshotRequest;
import dev.hanse.containerd.snapshots.ViewSnapshotRequest;
import dev.hanse.containerd.types.Mount;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.Faults;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads small files of an image without mounting it: looks through the directories that an overlay
 * of its layers would be made of, uppermost first.
 */
final class RootfsReader {
  private static final Logger LOG = LoggerFactory.getLogger(RootfsReader.class);
  private static final long FILE_BYTES_MAX = 4 << 20;
  private static final int LINKS_MAX = 20;

  private final List<Path> layers;

  private RootfsReader(List<Path> layers) {
    this.layers = layers;
  }

  static ImageRootfs read(ContainerdClient client, StoredImage image) {
    var reader = new RootfsReader(layers(client, image.topChainId()));
    return new ImageRootfs(
        image.id(),
        image.document().config(),
        image.topChainId(),
        reader.file("/etc/passwd"),
        reader.file("/etc/group"));
  }

  private static List<Path> layers(ContainerdClient client, String chainId) {
    if (chainId.isEmpty()) {
      return List.of();
    }
    String key = "view-" + UUID.randomUUID();
    try {
      var view =
          ViewSnapshotRequest.newBuilder()
              .setSnapshotter(Catalog.SNAPSHOTTER)
              .setKey(key)
              .setParent(chainId)
              .build();
      List<Mount> mounts = client.calls().snapshots().view(view).getMountsList();
      remove(client, key);
      return directories(mounts);
    } catch (StatusRuntimeException failure) {
      throw Faults.of("looking into image layers " + chainId, failure);
    }
  }

  /** Only the answer to the view's making was wanted; garbage collection may have been faster. */
  private static void remove(ContainerdClient client, String key) {
    try {
      var unused =
          client
              .calls()
              .snapshots()
              .remove(
                  RemoveSnapshotRequest.newBuilder()
                      .setSnapshotter(Catalog.SNAPSHOTTER)
                      .setKey(key)
                      .build());
    } catch (StatusRuntimeException failure) {
      if (!Faults.isNotFound(failure)) {
        throw failure;
      }
    }
  }

  private static List<Path> directories(List<Mount> mounts) {
    var found = new ArrayList<Path>();
    for (Mount mount : mounts) {
      if (mount.getType().equals("bind")) {
        found.add(Path.of(mount.getSource()));
      }
      for (String option : mount.getOptionsList()) {
        if (option.startsWith("lowerdir=")) {
          for (String directory : option.substring("lowerdir=".length()).split(":", -1)) {
            found.add(Path.of(directory));
          }
        }
      }
    }
    return found;
  }

  /** The text of a file; empty if there is none that can be read. */
  private Optional<String> file(String name) {
    Path path = Path.of(name);
    for (int step = 0; step < LINKS_MAX; step++) {
      Optional<Path> layered = find(path);
      if (layered.isEmpty()) {
        return Optional.empty();
      }
      try {
        if (!Files.isSymbolicLink(layered.get())) {
          return text(layered.get());
        }
        Path target = Files.readSymbolicLink(layered.get());
        Path directory = path.getParent();
        path = (directory == null ? target : directory.resolve(target)).normalize();
      } catch (IOException failure) {
        LOG.debug("cannot read {} of an image", name, failure);
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static Optional<String> text(Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        || Files.size(file) > FILE_BYTES_MAX) {
      return Optional.empty();
    }
    return Optional.of(Files.readString(file, StandardCharsets.ISO_8859_1));
  }

  /** The uppermost layer's entry; a whiteout there means that there is none. */
  private Optional<Path> find(Path path) {
    Path relative = Path.of("/").relativize(path);
    for (Path layer : layers) {
      Path candidate = layer;
      boolean hidden = false;
      boolean present = true;
      for (Path part : relative) {
        candidate = candidate.resolve(part);
        if (!Files.exists(candidate, LinkOption.NOFOLLOW_LINKS)) {
          present = false;
          break;
        }
        if (isWhiteout(candidate)) {
          hidden = true;
          break;
        }
        if (Files.isSymbolicLink(candidate) && !candidate.equals(layer.resolve(relative))) {
          // A directory that is a link: what lies behind it is another path of the image.
          return Optional.empty();
        }
      }
      if (hidden) {
        return Optional.empty();
      }
      if (present) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  private static boolean isWhiteout(Path path) {
    try {
      var attributes = Files.readAttributes(path, "unix:mode,rdev", LinkOption.NOFOLLOW_LINKS);
      int mode = (Integer) Objects.requireNonNull(attributes.get("mode"));
      boolean characterDevice = (mode & 0170000) == 0020000;
      return characterDevice && Long.valueOf(0).equals(attributes.get("rdev"));
    } catch (IOException unreadable) {
      return false;
    }
  }
}
