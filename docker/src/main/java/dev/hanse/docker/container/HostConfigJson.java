package dev.hanse.docker.container;

import static dev.hanse.docker.field.Notations.FLAG;
import static dev.hanse.docker.field.Notations.MAP;
import static dev.hanse.docker.field.Notations.NUMBER;
import static dev.hanse.docker.field.Notations.OPTIONAL_FLAG;
import static dev.hanse.docker.field.Notations.OPTIONAL_NUMBER;
import static dev.hanse.docker.field.Notations.TEXT;
import static dev.hanse.docker.field.Notations.TEXTS;
import static dev.hanse.docker.field.Notations.list;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.agent.task.TaskPrivileges;
import dev.hanse.docker.field.ShownTable;
import dev.hanse.docker.json.ContainerSpecJson;
import dev.hanse.docker.json.MountJson;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Driver;
import dev.hanse.model.ResourceRequirements;
import dev.hanse.model.Resources;
import dev.hanse.runtime.containers.Confinement;
import java.util.List;
import java.util.function.Function;

/** The {@code HostConfig} part of a container's inspect: what the host gives and allows it. */
public final class HostConfigJson {
  /** What a container has that asks for nothing else, here as in Docker. */
  private static final long SHARED_MEMORY_BYTES = 64 << 20;

  private static final ShownTable<Driver> LOG =
      ShownTable.of(Driver.class)
          .always(
              "Type", TEXT, driver -> driver.getName().isEmpty() ? "json-file" : driver.getName())
          .always("Config", MAP, Driver::getOptionsMap)
          .build();

  /** A line for each field; beside it stands {@link ContainerConfigJson#TABLE}. */
  public static final ShownTable<Inspected> TABLE =
      ShownTable.of(Inspected.class)
          .nothing("Binds")
          .always("ContainerIDFile", TEXT, container -> "")
          .always("LogConfig", LOG, container -> container.task().getLogDriver())
          .always("NetworkMode", TEXT, container -> ContainerNetworks.mode(container.container()))
          .other((container, json) -> json.putObject("PortBindings"))
          .other(
              (container, json) ->
                  json.putObject("RestartPolicy").put("Name", "").put("MaximumRetryCount", 0))
          .always("AutoRemove", FLAG, container -> false)
          .always("VolumeDriver", TEXT, container -> "")
          .nothing("VolumesFrom")
          .other((container, json) -> json.putArray("ConsoleSize").add(0).add(0))
          .emptyAsNull("CapAdd", TEXTS, spec(ContainerSpec::getCapabilityAddList))
          .emptyAsNull("CapDrop", TEXTS, spec(ContainerSpec::getCapabilityDropList))
          .emptyAsNull("Dns", TEXTS, spec(spec -> spec.getDnsConfig().getNameserversList()))
          .emptyAsNull("DnsOptions", TEXTS, spec(spec -> spec.getDnsConfig().getOptionsList()))
          .emptyAsNull("DnsSearch", TEXTS, spec(spec -> spec.getDnsConfig().getSearchList()))
          .emptyAsNull("ExtraHosts", TEXTS, spec(HostConfigJson::hosts))
          .emptyAsNull("GroupAdd", TEXTS, spec(ContainerSpec::getGroupsList))
          .always("IpcMode", TEXT, container -> "private")
          .always("Cgroup", TEXT, container -> "")
          .nothing("Links")
          .always("OomScoreAdj", NUMBER, spec(ContainerSpec::getOomScoreAdj))
          .always("PidMode", TEXT, container -> "")
          .always("Privileged", FLAG, container -> false)
          .always("PublishAllPorts", FLAG, container -> false)
          .always("ReadonlyRootfs", FLAG, spec(ContainerSpec::getReadOnly))
          .emptyAsNull(
              "SecurityOpt",
              TEXTS,
              spec(spec -> TaskPrivileges.securityOptions(spec.getPrivileges())))
          .always("UTSMode", TEXT, container -> "")
          .always("UsernsMode", TEXT, container -> "")
          .always("ShmSize", NUMBER, spec(HostConfigJson::sharedMemory))
          .always("Runtime", TEXT, container -> "runc")
          .always("Isolation", ContainerSpecJson.ISOLATION, spec(ContainerSpec::getIsolation))
          .other(HostConfigJson::showNoOtherLimits)
          .always("NanoCpus", NUMBER, limits(Resources::getNanoCpus))
          .always("Memory", NUMBER, limits(Resources::getMemoryBytes))
          .always(
              "MemoryReservation",
              NUMBER,
              resources(wanted -> wanted.getReservations().getMemoryBytes()))
          .always("MemorySwap", NUMBER, resources(HostConfigJson::memoryAndSwap))
          .orNull(
              "MemorySwappiness",
              OPTIONAL_NUMBER,
              container -> container.task().getResources().hasMemorySwappiness(),
              resources(ResourceRequirements::getMemorySwappiness))
          .nothing("OomKillDisable")
          .orNull(
              "PidsLimit",
              NUMBER,
              container -> container.spec().getPidsLimit() > 0,
              spec(ContainerSpec::getPidsLimit))
          .optional(
              "Init",
              OPTIONAL_FLAG,
              container -> container.spec().hasInit(),
              spec(ContainerSpec::getInit))
          .always("Sysctls", MAP, spec(ContainerSpec::getSysctlsMap))
          .always("Ulimits", list(ContainerSpecJson.ULIMIT), spec(ContainerSpec::getUlimitsList))
          .always("Mounts", list(MountJson.TABLE), spec(ContainerSpec::getMountsList))
          .without("restart", "Docker restarts tasks, not their containers")
          .without("placement", "of the task")
          .without("networks", "NetworkSettings shows what was attached")
          .without("force_update", "of the task")
          .without("resource_references", "of the task")
          .without("resources.limits.generic", "of the task")
          .without("resources.reservations.nano_cpus", "of the task")
          .without("resources.reservations.generic", "of the task")
          .without("attachment", "no container of ours")
          .without("generic", "no container of ours")
          .build();

  /** Of the limits that no service can ask for: none. */
  private static final List<String> ZEROES =
      List.of(
          "CpuShares",
          "BlkioWeight",
          "CpuPeriod",
          "CpuQuota",
          "CpuRealtimePeriod",
          "CpuRealtimeRuntime",
          "CpuCount",
          "CpuPercent",
          "IOMaximumIOps",
          "IOMaximumBandwidth");

  private static final List<String> NOTHING =
      List.of(
          "BlkioWeightDevice",
          "BlkioDeviceReadBps",
          "BlkioDeviceWriteBps",
          "BlkioDeviceReadIOps",
          "BlkioDeviceWriteIOps",
          "Devices",
          "DeviceCgroupRules",
          "DeviceRequests");

  private HostConfigJson() {}

  private static void showNoOtherLimits(Inspected container, ObjectNode json) {
    ZEROES.forEach(name -> json.put(name, 0));
    NOTHING.forEach(json::putNull);
    json.put("CgroupParent", "").put("CpusetCpus", "").put("CpusetMems", "");
  }

  /** All of it; what keeps the container in is asked of the runtime. */
  public static ObjectNode of(Inspected container, Confinement confinement) {
    ObjectNode json = TABLE.show(container);
    json.put("CgroupnsMode", confinement.ownControlGroups() ? "private" : "host");
    json.set("MaskedPaths", TEXTS.show(confinement.maskedPaths()));
    json.set("ReadonlyPaths", TEXTS.show(confinement.readOnlyPaths()));
    return json;
  }

  private static <V> Function<Inspected, V> spec(Function<ContainerSpec, V> get) {
    return container -> get.apply(container.spec());
  }

  private static <V> Function<Inspected, V> resources(Function<ResourceRequirements, V> get) {
    return container -> get.apply(container.task().getResources());
  }

  private static <V> Function<Inspected, V> limits(Function<Resources, V> get) {
    return resources(wanted -> get.apply(wanted.getLimits()));
  }

  /**
   * Services have lines of /etc/hosts, containers {@code NAME:ADDRESS}; Docker leaves aliases out.
   */
  private static List<String> hosts(ContainerSpec spec) {
    return spec.getHostsList().stream()
        .map(line -> line.strip().split("\\s+"))
        .filter(words -> words.length > 1)
        .map(words -> words[1] + ":" + words[0])
        .toList();
  }

  private static long sharedMemory(ContainerSpec spec) {
    return spec.getShmBytes() > 0 ? spec.getShmBytes() : SHARED_MEMORY_BYTES;
  }

  /** Together, as Docker counts; as much swap as memory where the service does not say. */
  private static long memoryAndSwap(ResourceRequirements wanted) {
    long memory = wanted.getLimits().getMemoryBytes();
    if (memory <= 0) {
      return 0;
    }
    long swap = wanted.hasSwapBytes() ? wanted.getSwapBytes().getValue() : memory;
    return swap < 0 ? -1 : memory + swap;
  }
}
