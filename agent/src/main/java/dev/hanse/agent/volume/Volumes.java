package dev.hanse.agent.volume;

import dev.hanse.agent.volume.VolumeException.Kind;
import dev.hanse.kernel.file.DirectoryHandle;
import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.text.Form;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The local volumes of this node. State is on disk only: {@code NAME/volume.json} says what a
 * volume is, {@code NAME/_data} is what containers see, {@code NAME/users/CONTAINER} exists while a
 * container refers to it, so that neither a crash nor a restart forgets a user.
 *
 * <p>All methods may be called from any thread and block on the disk; one lock makes check and
 * change one step.
 */
public final class Volumes {
  private static final Logger LOG = LoggerFactory.getLogger(Volumes.class);
  private static final int NAME_CHARACTERS_MAX = 255;
  private static final Form NAME = Form.of("[a-zA-Z0-9][a-zA-Z0-9_.-]+", NAME_CHARACTERS_MAX);
  private static final int ANONYMOUS_NAME_BYTES = 32;

  /** What containers see; nobody else comes as far. */
  private static final int CONTENT = 0755;

  private final Path directory;
  private final SecureRandom random = new SecureRandom();

  private Volumes(Path directory) {
    this.directory = directory;
  }

  /** Volumes below a directory, which is made if it does not exist. */
  public static Volumes in(Path directory) throws IOException {
    OwnFiles.directory(directory, OwnFiles.PASSAGE);
    Volumes volumes = new Volumes(directory);
    volumes.removeHalves();
    return volumes;
  }

  /** What a crash has left of a volume that was being made or removed. */
  private synchronized void removeHalves() throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String name = String.valueOf(entry.getFileName());
        boolean half =
            NAME.fits(name)
                && !VolumeRecord.wasBroken(entry)
                && (VolumeRecord.exists(entry)
                    ? !Files.isDirectory(mountpoint(name))
                    : VolumeContents.isEmpty(mountpoint(name)));
        if (half) {
          LOG.info("removing what is left of volume {}", name);
          VolumeContents.delete(directory, name);
        }
      }
    }
  }

  /**
   * What to make.
   *
   * @param name empty for an anonymous volume, which gets a name of 64 hexadecimal digits
   * @param driver {@code local} or empty for the same
   * @param options of the driver; the local driver here has none
   * @param labels any
   */
  public record Wanted(
      Optional<String> name,
      String driver,
      Map<String, String> options,
      Map<String, String> labels) {

    /** A named volume without labels. */
    public static Wanted named(String name) {
      return new Wanted(Optional.of(name), "", Map.of(), Map.of());
    }
  }

  /** Makes a volume; one that exists already under the name is returned as it is, as in Docker. */
  public synchronized LocalVolume create(Wanted wanted) throws VolumeException, IOException {
    String name = wanted.name().orElseGet(this::anonymousName);
    check(name, wanted);
    Optional<LocalVolume> present = find(name);
    if (present.isPresent()) {
      return present.get();
    }
    LocalVolume volume =
        new LocalVolume(
            name,
            mountpoint(name),
            now(),
            wanted.labels(),
            wanted.options(),
            wanted.name().isEmpty());
    OwnFiles.directory(directory.resolve(name), OwnFiles.PASSAGE);
    if (!Files.isDirectory(mountpoint(name))) {
      OwnFiles.directory(mountpoint(name), CONTENT);
    }
    VolumeRecord.write(directory.resolve(name), volume);
    return volume;
  }

  /** The volume of a name. */
  public synchronized Optional<LocalVolume> find(String name) throws IOException {
    if (!NAME.fits(name)) {
      return Optional.empty();
    }
    Path own = directory.resolve(name);
    Optional<LocalVolume> recorded = VolumeRecord.read(own, name, mountpoint(name));
    return recorded.isEmpty() && VolumeRecord.wasBroken(own) && Files.isDirectory(mountpoint(name))
        ? Optional.of(recordAnew(name))
        : recorded;
  }

  /** Its data is worth more than its record: the volume stays, without labels. */
  private LocalVolume recordAnew(String name) throws IOException {
    LocalVolume volume = new LocalVolume(name, mountpoint(name), now(), Map.of(), Map.of(), false);
    VolumeRecord.write(directory.resolve(name), volume);
    return volume;
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS);
  }

  /** All volumes, by name. */
  public synchronized List<LocalVolume> list() throws IOException {
    List<LocalVolume> volumes = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        find(String.valueOf(entry.getFileName())).ifPresent(volumes::add);
      }
    }
    volumes.sort(Comparator.comparing(LocalVolume::name));
    return volumes;
  }

  /**
   * Deletes a volume and all its data.
   *
   * @throws VolumeException when there is none, or a container refers to it
   */
  public synchronized void remove(String name) throws VolumeException, IOException {
    if (find(name).isEmpty()) {
      throw new VolumeException(Kind.NOT_FOUND, "get " + name + ": no such volume");
    }
    Set<String> users = users(name);
    if (!users.isEmpty()) {
      throw new VolumeException(Kind.CONFLICT, "remove " + name + ": volume is in use - " + users);
    }
    VolumeContents.delete(directory, name);
  }

  /** The containers that refer to a volume, running or not. */
  public synchronized Set<String> users(String name) throws IOException {
    Set<String> users = new TreeSet<>();
    Path file = usersDirectory(name);
    if (Files.isDirectory(file)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(file)) {
        entries.forEach(entry -> users.add(String.valueOf(entry.getFileName())));
      }
    }
    return users;
  }

  /**
   * Notes that a container refers to a volume.
   *
   * @throws VolumeException when there is no such volume
   */
  public synchronized void hold(String name, String containerId)
      throws VolumeException, IOException {
    if (find(name).isEmpty()) {
      throw new VolumeException(Kind.NOT_FOUND, "get " + name + ": no such volume");
    }
    OwnFiles.directory(usersDirectory(name));
    Path user = usersDirectory(name).resolve(containerId);
    if (!Files.exists(user)) {
      OwnFiles.create(user);
    }
  }

  /**
   * A container is gone: it refers to no volume any more.
   *
   * @param removeAnonymous delete the anonymous ones among those nobody else refers to
   */
  public synchronized void release(String containerId, boolean removeAnonymous) throws IOException {
    for (LocalVolume volume : list()) {
      if (!Files.deleteIfExists(usersDirectory(volume.name()).resolve(containerId))) {
        continue;
      }
      if (removeAnonymous && volume.anonymous() && users(volume.name()).isEmpty()) {
        VolumeContents.delete(directory, volume.name());
      }
    }
  }

  /** The containers that refer to any volume. */
  public synchronized Set<String> users() throws IOException {
    Set<String> users = new TreeSet<>();
    for (LocalVolume volume : list()) {
      users.addAll(users(volume.name()));
    }
    return users;
  }

  /**
   * Fills a volume with what the image has at the mount's target, if the volume is still empty.
   *
   * @return whether anything was copied
   */
  public synchronized boolean fillFromImage(LocalVolume volume, DirectoryHandle imageContent)
      throws IOException {
    return VolumeContents.fill(volume, imageContent);
  }

  /** Bytes of the files in a volume. Slow: it looks at every file. */
  public long size(LocalVolume volume) throws IOException {
    return VolumeContents.size(volume);
  }

  private static void check(String name, Wanted wanted) throws VolumeException {
    if (!wanted.driver().isEmpty() && !wanted.driver().equals(LocalVolume.DRIVER)) {
      throw new VolumeException(
          Kind.NOT_FOUND,
          "create %s: error looking up volume plugin %s: plugin \"%s\" not found"
              .formatted(name, wanted.driver(), wanted.driver()));
    }
    if (name.length() == 1) {
      throw new VolumeException(
          Kind.INVALID,
          "create "
              + name
              + ": volume name is too short, names should be at least two alphanumeric characters");
    }
    if (!NAME.fits(name)) {
      throw new VolumeException(
          Kind.INVALID,
          ("create %s: \"%s\" includes invalid characters for a local volume name, only"
                  + " \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host"
                  + " directory, use absolute path")
              .formatted(name, name));
    }
    for (String option : wanted.options().keySet()) {
      throw new VolumeException(
          Kind.INVALID, "create %s: invalid option: \"%s\"".formatted(name, option));
    }
  }

  private String anonymousName() {
    byte[] bytes = new byte[ANONYMOUS_NAME_BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private Path mountpoint(String name) {
    return directory.resolve(name).resolve(VolumeContents.DATA);
  }

  private Path usersDirectory(String name) {
    return directory.resolve(name).resolve("users");
  }
}
