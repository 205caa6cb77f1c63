package dev.hanse.runtime.spec;

import dev.hanse.bounds.ForeignMap;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Everything about one container that the runtime needs, with Docker's meanings and defaults. Made
 * by {@link #builder}.
 *
 * @param id container id, unique on the node (64 hexadecimal digits by custom)
 * @param imageId id ({@code sha256:…}) or name of an image that is on this node
 * @param entrypoint replaces the image's entrypoint; its default command is then ignored too
 * @param arguments replaces the image's default command, empty to keep it
 * @param environment {@code NAME=value} lines over the image's; {@code NAME} alone removes one
 * @param user {@code user[:group]} by name or number, else the image's
 * @param workingDirectory absolute path, else the image's; made if it does not exist
 * @param hostname else the first twelve digits of the id
 * @param terminal standard streams are a pseudo-terminal
 * @param stdinOpen keep a standard input open for {@code attach}
 * @param stopSignal what {@code stop} sends first, name or number, else the image's, else SIGTERM
 * @param init run docker-init (or tini) as process 1
 * @param sysctls kernel parameters of the container's namespaces
 * @param hostFiles files to see as /etc/hosts, /etc/hostname and /etc/resolv.conf
 * @param labels found again by {@code list}
 * @param attachments bytes kept with the container for the caller, by name
 * @param cgroupParent path below which the container's group is made
 * @param oomScoreAdjust -1000 to 1000
 * @param shmSizeBytes size of /dev/shm, else 64 MiB
 * @param shimGroup containers of one group share a shim process
 */
public record ContainerSettings(
    String id,
    String imageId,
    Optional<List<String>> entrypoint,
    List<String> arguments,
    List<String> environment,
    Optional<String> user,
    Optional<String> workingDirectory,
    Optional<String> hostname,
    Optional<String> domainName,
    boolean terminal,
    boolean stdinOpen,
    Optional<String> stopSignal,
    List<ContainerMount> mounts,
    ResourceLimits resources,
    SecuritySettings security,
    boolean init,
    List<ResourceLimits.Ulimit> ulimits,
    Map<String, String> sysctls,
    NetworkPlace network,
    HostFiles hostFiles,
    Map<String, String> labels,
    Map<String, byte[]> attachments,
    String cgroupParent,
    int oomScoreAdjust,
    List<ContainerDevice> devices,
    List<String> additionalGroups,
    OptionalLong shmSizeBytes,
    Optional<String> shimGroup) {

  public ContainerSettings {
    arguments = List.copyOf(arguments);
    environment = List.copyOf(environment);
    mounts = List.copyOf(mounts);
    ulimits = List.copyOf(ulimits);
    sysctls = ForeignMap.copyOf(sysctls);
    labels = ForeignMap.copyOf(labels);
    attachments = ForeignMap.copyOf(attachments);
    devices = List.copyOf(devices);
    additionalGroups = List.copyOf(additionalGroups);
  }

  /** Settings of a container that takes every default. */
  public static ContainerSettingsBuilder builder(String id, String imageId) {
    return new ContainerSettingsBuilder(id, imageId);
  }

  /** Files of the host that the container sees as its own. */
  public record HostFiles(Optional<Path> hosts, Optional<Path> hostname, Optional<Path> resolver) {
    /** The image's own files are left. */
    public static final HostFiles NONE =
        new HostFiles(Optional.empty(), Optional.empty(), Optional.empty());
  }
}
