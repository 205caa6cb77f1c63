package dev.hanse.runtime.images;

import dev.hanse.containerd.containers.ListContainersRequest;
import dev.hanse.containerd.task.Status;
import dev.hanse.containerd.tasks.GetRequest;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.Faults;
import dev.hanse.runtime.containerd.Labels;
import dev.hanse.runtime.content.Reference;
import dev.hanse.runtime.content.StoredImage;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Docker's rules of removing images: names first, the image with its last name. */
final class ImageRemoval {
  private static final int SHORT_ID_DIGITS = 12;

  private final ContainerdClient client;
  private final Catalog catalog;

  ImageRemoval(ContainerdClient client, Catalog catalog) {
    this.client = client;
    this.catalog = catalog;
  }

  List<RemovedImage> remove(
      StoredImage image, Optional<Reference> reference, String asked, boolean force) {
    List<Catalog.Named> names = catalog.namesByImage().getOrDefault(image.id(), List.of());
    List<String> containers = containers(image.id());
    if (reference.isEmpty()) {
      return removeById(image, names, containers, force);
    }
    List<Catalog.Named> going = goingWith(names, reference.get());
    boolean last = going.size() == names.size();
    if (last && !containers.isEmpty()) {
      if (!force) {
        throw conflict(
            "conflict: unable to remove repository reference \""
                + asked
                + "\" (must force) - container "
                + shorten(containers.getFirst())
                + " is using its referenced image "
                + shorten(image.id()));
      }
      // The containers keep it as an image without a name.
      catalog.point(Catalog.DANGLING + image.manifestDigest(), image);
      return untag(going);
    }
    List<RemovedImage> removed = untag(going);
    if (last) {
      removed.add(new RemovedImage.Deleted(image.id()));
    }
    return removed;
  }

  /** The name itself; with a repository's last tag also its digests. */
  private static List<Catalog.Named> goingWith(List<Catalog.Named> names, Reference reference) {
    String exact =
        reference
            .digest()
            .map(digest -> reference.withDigest(digest).canonical())
            .orElse(reference.canonical());
    var going = new ArrayList<Catalog.Named>();
    boolean otherTag = false;
    for (Catalog.Named named : names) {
      if (named.name().equals(exact)) {
        going.add(named);
      } else if (!named.name().contains("@")) {
        otherTag |= Reference.parse(named.name()).name().equals(reference.name());
      }
    }
    if (!otherTag) {
      for (Catalog.Named named : names) {
        boolean digestOfRepository =
            !named.name().startsWith(Catalog.DANGLING)
                && named.name().startsWith(reference.name() + "@")
                && !named.name().equals(exact);
        if (digestOfRepository) {
          going.add(named);
        }
      }
    }
    return going;
  }

  private List<RemovedImage> removeById(
      StoredImage image, List<Catalog.Named> names, List<String> containers, boolean force) {
    for (String container : containers) {
      if (isRunning(container)) {
        throw inUse(image, "cannot be forced", "image is being used by running", container);
      }
    }
    if (!force && isReferencedSeveralTimes(names)) {
      throw conflict(
          "conflict: unable to delete "
              + shorten(image.id())
              + " (must be forced) - image is referenced in multiple repositories");
    }
    if (!force && !containers.isEmpty()) {
      throw inUse(image, "must be forced", "image is being used by stopped", containers.getFirst());
    }
    List<RemovedImage> removed = untag(names);
    removed.add(new RemovedImage.Deleted(image.id()));
    return removed;
  }

  private static RuntimeFault inUse(
      StoredImage image, String whether, String how, String container) {
    return conflict(
        "conflict: unable to delete %s (%s) - %s container %s"
            .formatted(shorten(image.id()), whether, how, shorten(container)));
  }

  /** One tag, and digests of the same repository, are one reference. */
  private static boolean isReferencedSeveralTimes(List<Catalog.Named> names) {
    List<Reference> references =
        names.stream()
            .filter(named -> !named.name().startsWith(Catalog.DANGLING))
            .map(named -> Reference.parse(named.name()))
            .toList();
    long tags = references.stream().filter(name -> name.tag().isPresent()).count();
    return tags > 1 || references.stream().map(Reference::name).distinct().count() > 1;
  }

  List<RemovedImage> prune(boolean all) {
    var removed = new ArrayList<RemovedImage>();
    for (Map.Entry<String, List<Catalog.Named>> entry : catalog.namesByImage().entrySet()) {
      boolean dangling =
          entry.getValue().stream().allMatch(named -> named.name().startsWith(Catalog.DANGLING));
      if ((all || dangling) && containers(entry.getKey()).isEmpty()) {
        removed.addAll(untag(entry.getValue()));
        removed.add(new RemovedImage.Deleted(entry.getKey()));
      }
    }
    return removed;
  }

  private List<RemovedImage> untag(List<Catalog.Named> names) {
    var removed = new ArrayList<RemovedImage>();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i).name();
      catalog.delete(name, i == names.size() - 1);
      if (!name.startsWith(Catalog.DANGLING)) {
        removed.add(new RemovedImage.Untagged(Reference.parse(name).familiar()));
      }
    }
    return removed;
  }

  private List<String> containers(String imageId) {
    var request =
        ListContainersRequest.newBuilder()
            .addFilters("labels.\"" + Labels.IMAGE + "\"==\"" + imageId + "\"")
            .build();
    try {
      return client.calls().containers().list(request).getContainersList().stream()
          .map(dev.hanse.containerd.containers.Container::getId)
          .toList();
    } catch (StatusRuntimeException failure) {
      throw Faults.of("looking for containers of image " + imageId, failure);
    }
  }

  private boolean isRunning(String container) {
    try {
      Status status =
          client
              .calls()
              .tasks()
              .get(GetRequest.newBuilder().setContainerId(container).build())
              .getProcess()
              .getStatus();
      return status != Status.STOPPED;
    } catch (StatusRuntimeException failure) {
      if (Faults.isNotFound(failure)) {
        return false;
      }
      throw Faults.of("looking at container " + container, failure);
    }
  }

  private static String shorten(String id) {
    String digits = id.startsWith("sha256:") ? id.substring("sha256:".length()) : id;
    return digits.length() > SHORT_ID_DIGITS ? digits.substring(0, SHORT_ID_DIGITS) : digits;
  }

  private static RuntimeFault conflict(String message) {
    return new RuntimeFault(RuntimeFault.Kind.CONFLICT, message);
  }
}
