package dev.hanse.runtime.spec;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Collects {@link ContainerSettings}; each method is the record component of the same name. */
public final class ContainerSettingsBuilder {
  private final String id;
  private final String imageId;
  private Optional<List<String>> entrypoint = Optional.empty();
  private List<String> arguments = List.of();
  private List<String> environment = List.of();
  private Optional<String> user = Optional.empty();
  private Optional<String> workingDirectory = Optional.empty();
  private Optional<String> hostname = Optional.empty();
  private Optional<String> domainName = Optional.empty();
  private boolean terminal;
  private boolean stdinOpen;
  private Optional<String> stopSignal = Optional.empty();
  private List<ContainerMount> mounts = List.of();
  private ResourceLimits resources = ResourceLimits.NONE;
  private SecuritySettings security = SecuritySettings.DEFAULT;
  private boolean init;
  private List<ResourceLimits.Ulimit> ulimits = List.of();
  private Map<String, String> sysctls = Map.of();
  private NetworkPlace network = new NetworkPlace.Isolated();
  private ContainerSettings.HostFiles hostFiles = ContainerSettings.HostFiles.NONE;
  private Map<String, String> labels = Map.of();
  private Map<String, byte[]> attachments = Map.of();
  private String cgroupParent = "/hanse";
  private int oomScoreAdjust;
  private List<ContainerDevice> devices = List.of();
  private List<String> additionalGroups = List.of();
  private OptionalLong shmSizeBytes = OptionalLong.empty();
  private Optional<String> shimGroup = Optional.empty();

  ContainerSettingsBuilder(String id, String imageId) {
    this.id = id;
    this.imageId = imageId;
  }

  /** See {@link ContainerSettings#entrypoint}. */
  public ContainerSettingsBuilder entrypoint(List<String> value) {
    entrypoint = Optional.of(value);
    return this;
  }

  /** See {@link ContainerSettings#arguments}. */
  public ContainerSettingsBuilder arguments(List<String> value) {
    arguments = value;
    return this;
  }

  /** See {@link ContainerSettings#environment}. */
  public ContainerSettingsBuilder environment(List<String> value) {
    environment = value;
    return this;
  }

  /** See {@link ContainerSettings#user}. */
  public ContainerSettingsBuilder user(String value) {
    user = Optional.of(value);
    return this;
  }

  /** See {@link ContainerSettings#workingDirectory}. */
  public ContainerSettingsBuilder workingDirectory(String value) {
    workingDirectory = Optional.of(value);
    return this;
  }

  /** See {@link ContainerSettings#hostname}. */
  public ContainerSettingsBuilder hostname(String value) {
    hostname = Optional.of(value);
    return this;
  }

  /** See {@link ContainerSettings#domainName}. */
  public ContainerSettingsBuilder domainName(String value) {
    domainName = Optional.of(value);
    return this;
  }

  /** See {@link ContainerSettings#terminal}. */
  public ContainerSettingsBuilder terminal(boolean value) {
    terminal = value;
    return this;
  }

  /** See {@link ContainerSettings#stdinOpen}. */
  public ContainerSettingsBuilder stdinOpen(boolean value) {
    stdinOpen = value;
    return this;
  }

  /** See {@link ContainerSettings#stopSignal}. */
  public ContainerSettingsBuilder stopSignal(String value) {
    stopSignal = Optional.of(value);
    return this;
  }

  /** See {@link ContainerSettings#mounts}. */
  public ContainerSettingsBuilder mounts(List<ContainerMount> value) {
    mounts = value;
    return this;
  }

  /** See {@link ContainerSettings#resources}. */
  public ContainerSettingsBuilder resources(ResourceLimits value) {
    resources = value;
    return this;
  }

  /** See {@link ContainerSettings#security}. */
  public ContainerSettingsBuilder security(SecuritySettings value) {
    security = value;
    return this;
  }

  /** See {@link ContainerSettings#init}. */
  public ContainerSettingsBuilder init(boolean value) {
    init = value;
    return this;
  }

  /** See {@link ContainerSettings#ulimits}. */
  public ContainerSettingsBuilder ulimits(List<ResourceLimits.Ulimit> value) {
    ulimits = value;
    return this;
  }

  /** See {@link ContainerSettings#sysctls}. */
  public ContainerSettingsBuilder sysctls(Map<String, String> value) {
    sysctls = value;
    return this;
  }

  /** See {@link ContainerSettings#network}. */
  public ContainerSettingsBuilder network(NetworkPlace value) {
    network = value;
    return this;
  }

  /** See {@link ContainerSettings#hostFiles}. */
  public ContainerSettingsBuilder hostFiles(ContainerSettings.HostFiles value) {
    hostFiles = value;
    return this;
  }

  /** See {@link ContainerSettings#labels}. */
  public ContainerSettingsBuilder labels(Map<String, String> value) {
    labels = value;
    return this;
  }

  /** See {@link ContainerSettings#attachments}. */
  public ContainerSettingsBuilder attachments(Map<String, byte[]> value) {
    attachments = value;
    return this;
  }

  /** See {@link ContainerSettings#cgroupParent}. */
  public ContainerSettingsBuilder cgroupParent(String value) {
    cgroupParent = value;
    return this;
  }

  /** See {@link ContainerSettings#oomScoreAdjust}. */
  public ContainerSettingsBuilder oomScoreAdjust(int value) {
    oomScoreAdjust = value;
    return this;
  }

  /** See {@link ContainerSettings#devices}. */
  public ContainerSettingsBuilder devices(List<ContainerDevice> value) {
    devices = value;
    return this;
  }

  /** See {@link ContainerSettings#additionalGroups}. */
  public ContainerSettingsBuilder additionalGroups(List<String> value) {
    additionalGroups = value;
    return this;
  }

  /** See {@link ContainerSettings#shmSizeBytes}. */
  public ContainerSettingsBuilder shmSizeBytes(long value) {
    shmSizeBytes = OptionalLong.of(value);
    return this;
  }

  /** See {@link ContainerSettings#shimGroup}. */
  public ContainerSettingsBuilder shimGroup(String value) {
    shimGroup = Optional.of(value);
    return this;
  }

  /** The settings collected so far. */
  public ContainerSettings build() {
    return new ContainerSettings(
        id,
        imageId,
        entrypoint,
        arguments,
        environment,
        user,
        workingDirectory,
        hostname,
        domainName,
        terminal,
        stdinOpen,
        stopSignal,
        mounts,
        resources,
        security,
        init,
        ulimits,
        sysctls,
        network,
        hostFiles,
        labels,
        attachments,
        cgroupParent,
        oomScoreAdjust,
        devices,
        additionalGroups,
        shmSizeBytes,
        shimGroup);
  }
}
