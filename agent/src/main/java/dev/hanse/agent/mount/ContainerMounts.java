package dev.hanse.agent.mount;

import dev.hanse.agent.volume.LocalVolume;
import dev.hanse.agent.volume.VolumeException;
import dev.hanse.agent.volume.Volumes;
import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.model.BindRules;
import dev.hanse.model.Mount;
import dev.hanse.runtime.spec.ContainerMount;
import dev.hanse.runtime.spec.ContainerMount.Propagation;
import dev.hanse.runtime.spec.ContainerMount.Submounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Turns the mounts of a specification into those of a container: checks them, makes volumes that do
 * not exist, notes the container as their user. Rules and texts are those of Docker's mount parser.
 */
public final class ContainerMounts {
  /** Of a bind's source that is made at the user's wish, as in Docker. */
  private static final int HOST_DIRECTORY = 0755;

  /** Each is a directory and a mount of the host, made without being asked for. */
  static final int IMAGE_VOLUMES_MAX = 1_000;

  private final Volumes volumes;
  private final VolumeParts parts;

  /**
   * With the node's volumes.
   *
   * @param parts holds those parts of them that are mounted by themselves
   */
  public ContainerMounts(Volumes volumes, VolumeParts parts) {
    this.volumes = volumes;
    this.parts = parts;
  }

  /**
   * The result.
   *
   * @param mounts for the runtime, in order of their targets' depth
   * @param toFill volumes to be filled with the image's content at the mount's target if empty
   */
  public record Prepared(List<ContainerMount> mounts, Map<String, LocalVolume> toFill) {
    /** Copies both. */
    public Prepared {
      mounts = List.copyOf(mounts);
      toFill = Map.copyOf(toFill);
    }
  }

  /**
   * Checks and prepares all mounts of a container.
   *
   * @param imageVolumes targets that the image declares: each gets an anonymous volume unless
   *     something else is mounted there
   */
  public Prepared prepare(String containerId, List<Mount> wanted, List<String> imageVolumes)
      throws MountException, IOException {
    Map<String, Mount> byTarget = new LinkedHashMap<>();
    for (Mount mount : wanted) {
      check(mount);
      if (byTarget.put(clean(mount.getTarget()), mount) != null) {
        throw new MountException("Duplicate mount point: " + mount.getTarget());
      }
    }
    if (imageVolumes.size() > IMAGE_VOLUMES_MAX) {
      throw new MountException("image has more than " + IMAGE_VOLUMES_MAX + " volumes");
    }
    for (String target : imageVolumes) {
      byTarget.putIfAbsent(
          clean(target), Mount.newBuilder().setType(Mount.Type.VOLUME).setTarget(target).build());
    }
    List<ContainerMount> mounts = new ArrayList<>();
    Map<String, LocalVolume> toFill = new LinkedHashMap<>();
    // What an earlier try has left: it is looked up anew.
    parts.remove(containerId);
    for (Map.Entry<String, Mount> entry : byTarget.entrySet()) {
      mounts.add(prepare(containerId, mounts.size(), entry.getKey(), entry.getValue(), toFill));
    }
    mounts.sort((one, other) -> Integer.compare(depth(one), depth(other)));
    return new Prepared(mounts, toFill);
  }

  private static int depth(ContainerMount mount) {
    return Path.of(mount.target()).getNameCount();
  }

  private ContainerMount prepare(
      String containerId, int number, String target, Mount mount, Map<String, LocalVolume> toFill)
      throws MountException, IOException {
    return switch (mount.getType()) {
      case BIND -> bind(target, mount);
      case TMPFS -> tmpfs(target, mount);
      case VOLUME -> {
        LocalVolume volume = volume(containerId, mount);
        String subpath = mount.getVolumeOptions().getSubpath();
        // A part that is there is in a volume that is not empty.
        if (subpath.isEmpty() && !mount.getVolumeOptions().getNocopy()) {
          toFill.put(target, volume);
        }
        Path source =
            subpath.isEmpty()
                ? volume.mountpoint()
                : parts.show(containerId, number, volume, relative(mount, subpath));
        yield ContainerMount.Bind.of(source, target, mount.getReadonly());
      }
      case NPIPE, CLUSTER, UNRECOGNIZED -> throw invalid(mount, "mount type unknown");
    };
  }

  private static void check(Mount mount) throws MountException {
    if (mount.getTarget().isEmpty()) {
      throw invalid(mount, "field Target must not be empty");
    }
    if (!mount.getTarget().startsWith("/")) {
      throw new MountException(
          "invalid mount target, must be an absolute path: " + mount.getTarget());
    }
    if (clean(mount.getTarget()).equals("/")) {
      throw invalid(mount, "invalid specification: destination can't be '/'");
    }
  }

  private static ContainerMount bind(String target, Mount mount)
      throws MountException, IOException {
    if (!mount.getSource().startsWith("/")) {
      throw new MountException(
          "invalid bind mount source, must be an absolute path: " + mount.getSource());
    }
    Path source = path(mount);
    if (!Files.exists(source)) {
      if (!mount.getBindOptions().getCreatemountpoint()) {
        throw invalid(mount, "bind source path does not exist: " + mount.getSource());
      }
      OwnFiles.directory(source, HOST_DIRECTORY);
    }
    return new ContainerMount.Bind(
        source,
        target,
        mount.getReadonly(),
        propagation(mount),
        !mount.getBindOptions().getNonrecursive(),
        submounts(mount));
  }

  private static Submounts submounts(Mount mount) throws MountException {
    Mount.BindOptions options = mount.getBindOptions();
    Optional<String> conflict = BindRules.conflict(mount);
    if (conflict.isPresent()) {
      throw invalid(mount, conflict.get());
    }
    if (options.getReadonlyforcerecursive()) {
      return Submounts.READ_ONLY_OR_REFUSED;
    }
    return options.getReadonlynonrecursive()
        ? Submounts.UNCHANGED
        : Submounts.READ_ONLY_IF_POSSIBLE;
  }

  private static Propagation propagation(Mount mount) throws MountException {
    return switch (mount.getBindOptions().getPropagation()) {
      case RPRIVATE -> Propagation.RPRIVATE;
      case PRIVATE -> Propagation.PRIVATE;
      case RSHARED -> Propagation.RSHARED;
      case SHARED -> Propagation.SHARED;
      case RSLAVE -> Propagation.RSLAVE;
      case SLAVE -> Propagation.SLAVE;
      case UNRECOGNIZED -> throw invalid(mount, "invalid propagation mode");
    };
  }

  private static ContainerMount tmpfs(String target, Mount mount) throws MountException {
    if (!mount.getSource().isEmpty()) {
      throw new MountException("invalid tmpfs source, source must be empty");
    }
    Mount.TmpfsOptions options = mount.getTmpfsOptions();
    return new ContainerMount.Tmpfs(
        target,
        options.getSizeBytes() > 0 ? OptionalLong.of(options.getSizeBytes()) : OptionalLong.empty(),
        options.getMode() != 0 ? OptionalInt.of(options.getMode()) : OptionalInt.empty(),
        mount.getReadonly(),
        options.getOptions().contains("\"exec\""));
  }

  private LocalVolume volume(String containerId, Mount mount) throws MountException, IOException {
    if (mount.getSource().startsWith("/")) {
      throw new MountException(
          "invalid volume mount source, must not be an absolute path: " + mount.getSource());
    }
    Mount.VolumeOptions options = mount.getVolumeOptions();
    try {
      LocalVolume volume =
          volumes.create(
              new Volumes.Wanted(
                  Optional.of(mount.getSource()).filter(name -> !name.isEmpty()),
                  options.getDriverConfig().getName(),
                  options.getDriverConfig().getOptionsMap(),
                  options.getLabelsMap()));
      volumes.hold(volume.name(), containerId);
      return volume;
    } catch (VolumeException refused) {
      throw new MountException(String.valueOf(refused.getMessage()), refused);
    }
  }

  private static String relative(Mount mount, String subpath) throws MountException {
    try {
      Path path = Path.of(subpath).normalize();
      if (path.isAbsolute() || path.startsWith("..")) {
        throw invalid(mount, "subpath must be a relative path within the volume");
      }
      return path.toString().isEmpty() ? "." : path.toString();
    } catch (InvalidPathException impossible) {
      throw invalid(mount, "subpath must be a relative path within the volume");
    }
  }

  private static Path path(Mount mount) throws MountException {
    try {
      return Path.of(mount.getSource()).normalize();
    } catch (InvalidPathException impossible) {
      throw invalid(mount, "invalid source path");
    }
  }

  private static String clean(String target) {
    return Path.of(target).normalize().toString();
  }

  private static MountException invalid(Mount mount, String why) {
    String type =
        switch (mount.getType()) {
          case BIND -> "bind";
          case VOLUME -> "volume";
          case TMPFS -> "tmpfs";
          case NPIPE -> "npipe";
          case CLUSTER -> "cluster";
          case UNRECOGNIZED -> "unknown";
        };
    return new MountException("invalid mount config for type \"" + type + "\": " + why);
  }
}
