package dev.hanse.runtime.images;

import dev.hanse.containerd.snapshots.ViewSnapshotRequest;
import dev.hanse.containerd.types.Mount;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.file.DirectoryHandle;
import dev.hanse.kernel.file.EntryName;
import dev.hanse.kernel.file.FileHandle;
import dev.hanse.kernel.file.FileStatus;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.Faults;
import dev.hanse.runtime.containerd.SnapshotLayers;
import dev.hanse.runtime.content.StoredImage;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads small files of an image without mounting it: looks through the directories that an overlay
 * of its layers would be made of, uppermost first.
 */
final class RootfsReader {
  private static final Logger LOG = LoggerFactory.getLogger(RootfsReader.class);
  private static final int FILE_BYTES_MAX = 4 << 20;
  private static final int LINKS_MAX = 20;

  private final List<Path> layers;

  RootfsReader(List<Path> layers) {
    this.layers = layers;
  }

  static ImageRootfs read(ContainerdClient client, StoredImage image) {
    var reader = new RootfsReader(layers(client, image.topChainId()));
    return new ImageRootfs(
        image.id(),
        image.document().config(),
        image.topChainId(),
        reader.file("/etc/passwd"),
        reader.file("/etc/group"),
        reader.layers);
  }

  private static List<Path> layers(ContainerdClient client, String chainId) {
    if (chainId.isEmpty()) {
      return List.of();
    }
    String key = "view-" + UUID.randomUUID();
    try {
      var view =
          ViewSnapshotRequest.newBuilder()
              .setSnapshotter(SnapshotLayers.SNAPSHOTTER)
              .setKey(key)
              .setParent(chainId)
              .build();
      List<Mount> mounts = client.calls().snapshots().view(view).getMountsList();
      // Only the answer to its making was wanted.
      SnapshotLayers.remove(client.calls(), key);
      return directories(mounts);
    } catch (StatusRuntimeException failure) {
      throw Faults.of("looking into image layers " + chainId, failure);
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

  /** What one layer, or all of them, say about a path. */
  private sealed interface Entry {
    /** A regular file. */
    record File(Optional<String> text) implements Entry {}

    /** A link to another path of the image. */
    record Link(String target) implements Entry {}

    /** Something else, or a whiteout that hides what the layers below have. */
    record Other() implements Entry {}

    /** This layer says nothing. */
    record Absent() implements Entry {}
  }

  /** The text of a file; empty if there is none that can be read. */
  Optional<String> file(String name) {
    Path path = Path.of(name);
    for (int step = 0; step < LINKS_MAX; step++) {
      try {
        switch (find(path)) {
          case Entry.File file -> {
            return file.text();
          }
          case Entry.Link link -> {
            Path directory = path.getParent();
            Path target = Path.of(link.target());
            path = (directory == null ? target : directory.resolve(target)).normalize();
          }
          case Entry.Other _, Entry.Absent _ -> {
            return Optional.empty();
          }
        }
      } catch (KernelException | InvalidPathException failure) {
        LOG.debug("cannot read {} of an image", name, failure);
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  /** See {@link ImageRootfs#resolved}. */
  Path resolved(Path path, Predicate<Path> covered) {
    Path reached = Path.of("/");
    Deque<String> ahead = new ArrayDeque<>();
    path.forEach(part -> ahead.add(part.toString()));
    int links = 0;
    try {
      while (!ahead.isEmpty()) {
        Path next = reached.resolve(ahead.removeFirst()).normalize();
        if (covered.test(next)) {
          return next.resolve(String.join("/", ahead)).normalize();
        }
        if (next.getNameCount() > 0 && find(next) instanceof Entry.Link(String target)) {
          links++;
          if (links > LINKS_MAX) {
            throw new RuntimeFault(RuntimeFault.Kind.INVALID, path + ": too many links");
          }
          reached = target.startsWith("/") ? Path.of("/") : reached;
          List<String> parts = new ArrayList<>();
          Path.of(target).forEach(part -> parts.add(part.toString()));
          parts.reversed().forEach(ahead::addFirst);
        } else {
          reached = next;
        }
      }
      return reached;
    } catch (KernelException | InvalidPathException failure) {
      throw new RuntimeFault(
          RuntimeFault.Kind.INTERNAL, "looking for " + path + " in an image", failure);
    }
  }

  private Entry find(Path path) {
    if (path.getNameCount() == 0) {
      // A link to the root itself, which no layer has an entry for.
      return new Entry.Other();
    }
    List<EntryName> names = new ArrayList<>();
    Path.of("/").relativize(path).forEach(part -> names.add(EntryName.of(part.toString())));
    for (Path layer : layers) {
      try (DirectoryHandle root = DirectoryHandle.open(layer)) {
        Entry found = find(root, names);
        if (!(found instanceof Entry.Absent)) {
          return found;
        }
      }
    }
    return new Entry.Absent();
  }

  private static Entry find(DirectoryHandle directory, List<EntryName> names) {
    EntryName name = names.getFirst();
    Optional<FileStatus> status = directory.status(name);
    if (status.isEmpty()) {
      return new Entry.Absent();
    }
    boolean last = names.size() == 1;
    return switch (status.get().type()) {
      case REGULAR -> last ? new Entry.File(text(directory, name)) : new Entry.Other();
      case DIRECTORY -> last ? new Entry.Other() : below(directory, names);
      // A directory that is a link: what lies behind it is another path of the image.
      case LINK -> last ? new Entry.Link(directory.link(name)) : new Entry.Other();
      case CHARACTER_DEVICE, OTHER -> new Entry.Other();
    };
  }

  private static Entry below(DirectoryHandle directory, List<EntryName> names) {
    Optional<DirectoryHandle> child = directory.child(names.getFirst());
    if (child.isEmpty()) {
      return new Entry.Absent();
    }
    try (DirectoryHandle found = child.get()) {
      return find(found, names.subList(1, names.size()));
    }
  }

  private static Optional<String> text(DirectoryHandle directory, EntryName name) {
    Optional<FileHandle> file = directory.childFile(name);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    try (FileHandle found = file.get()) {
      return found
          .content(FILE_BYTES_MAX)
          .map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1));
    }
  }
}
