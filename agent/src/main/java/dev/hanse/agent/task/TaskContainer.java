package dev.hanse.agent.task;

import dev.hanse.agent.workload.Workload;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.GenericResource;
import dev.hanse.model.ResourceRequirements;
import dev.hanse.runtime.spec.ContainerSettings;
import dev.hanse.runtime.spec.ContainerSettingsBuilder;
import dev.hanse.runtime.spec.ResourceLimits;
import dev.hanse.runtime.spec.ResourceLimits.Ulimit;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * From a workload to its container: the part that follows from the workload alone. Command and
 * limits mean what they mean in Docker's executor for swarm tasks.
 */
public final class TaskContainer {
  private TaskContainer() {}

  /**
   * The id of a workload's container, 64 hexadecimal digits. It follows from its id, so that
   * however often a step is repeated there is never a second container.
   */
  public static String id(String taskId) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update("container of task ".getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest(taskId.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JDK has SHA-256", impossible);
    }
  }

  /** The settings of a workload's container but for mounts, files, network and group. */
  static ContainerSettingsBuilder settings(
      Workload workload, ContainerSpec spec, String containerId, String imageId) {
    ContainerSettingsBuilder settings =
        ContainerSettings.builder(containerId, imageId)
            .arguments(spec.getArgsList())
            .environment(environment(workload, spec))
            .terminal(spec.getTty())
            .stdinOpen(spec.getOpenStdin())
            .init(spec.getInit().getValue())
            .resources(limits(workload.resources(), spec))
            .ulimits(ulimits(spec))
            .sysctls(spec.getSysctlsMap())
            .oomScoreAdjust((int) spec.getOomScoreAdj())
            .additionalGroups(spec.getGroupsList())
            .labels(workload.labels());
    if (spec.getCommandCount() > 0) {
      settings.entrypoint(spec.getCommandList());
    }
    positive(spec.getShmBytes()).ifPresent(settings::shmSizeBytes);
    given(spec.getUser()).ifPresent(settings::user);
    given(spec.getDir()).ifPresent(settings::workingDirectory);
    given(spec.getHostname()).ifPresent(settings::hostname);
    given(spec.getStopSignal()).ifPresent(settings::stopSignal);
    return settings;
  }

  private static Optional<String> given(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  /** The specification's, and what names the generic resources that were assigned. */
  static List<String> environment(Workload workload, ContainerSpec spec) {
    Map<String, List<String>> generic = new TreeMap<>();
    for (GenericResource resource : workload.genericResources()) {
      switch (resource.getResourceCase()) {
        case NAMED_RESOURCE_SPEC ->
            generic
                .computeIfAbsent(
                    resource.getNamedResourceSpec().getKind(), kind -> new ArrayList<>())
                .add(resource.getNamedResourceSpec().getValue());
        case DISCRETE_RESOURCE_SPEC ->
            generic
                .computeIfAbsent(
                    resource.getDiscreteResourceSpec().getKind(), kind -> new ArrayList<>())
                .add(Long.toString(resource.getDiscreteResourceSpec().getValue()));
        case RESOURCE_NOT_SET -> {}
      }
    }
    List<String> lines = new ArrayList<>(spec.getEnvList());
    generic.forEach(
        (kind, values) ->
            lines.add(
                ("DOCKER_RESOURCE_" + kind).toUpperCase(Locale.ROOT)
                    + "="
                    + String.join(",", values)));
    return lines;
  }

  private static ResourceLimits limits(ResourceRequirements resources, ContainerSpec spec) {
    OptionalLong memory = positive(resources.getLimits().getMemoryBytes());
    OptionalLong swap = OptionalLong.empty();
    if (memory.isPresent() && resources.hasSwapBytes()) {
      long asked = resources.getSwapBytes().getValue();
      swap = OptionalLong.of(asked < 0 ? -1 : memory.getAsLong() + asked);
    }
    return new ResourceLimits(
        positive(resources.getLimits().getNanoCpus()),
        OptionalLong.empty(),
        Optional.empty(),
        memory,
        OptionalLong.empty(),
        swap,
        resources.hasMemorySwappiness()
            ? OptionalLong.of(resources.getMemorySwappiness().getValue())
            : OptionalLong.empty(),
        positive(spec.getPidsLimit()),
        false);
  }

  private static OptionalLong positive(long value) {
    return value > 0 ? OptionalLong.of(value) : OptionalLong.empty();
  }

  private static List<Ulimit> ulimits(ContainerSpec spec) {
    return spec.getUlimitsList().stream()
        .map(ulimit -> new Ulimit(ulimit.getName(), ulimit.getSoft(), ulimit.getHard()))
        .toList();
  }
}
