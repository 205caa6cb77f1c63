package dev.hanse.docker.engine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.agent.task.TaskPrivileges;
import dev.hanse.docker.json.MountJson;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Mount;
import dev.hanse.model.Resources;
import dev.hanse.model.TaskSpec;
import dev.hanse.runtime.containers.Confinement;
import dev.hanse.web.Json;
import java.util.Collection;
import java.util.Map;

/** The {@code HostConfig} part of a container's inspect: what the host gives and allows it. */
final class HostConfigJson {
  private HostConfigJson() {}

  static ObjectNode of(NodeContainer container, String networkMode, Confinement confinement) {
    TaskSpec task =
        container.task().map(assigned -> assigned.getSpec()).orElse(TaskSpec.getDefaultInstance());
    ContainerSpec spec = container.spec().orElse(ContainerSpec.getDefaultInstance());
    Resources limits = task.getResources().getLimits();
    Resources reservations = task.getResources().getReservations();
    ObjectNode json = Json.object();
    json.putNull("Binds");
    json.put("ContainerIDFile", "");
    json.putObject("LogConfig")
        .put(
            "Type",
            task.getLogDriver().getName().isEmpty() ? "json-file" : task.getLogDriver().getName())
        .set("Config", texts(task.getLogDriver().getOptionsMap()));
    json.put("NetworkMode", networkMode);
    json.putObject("PortBindings");
    json.putObject("RestartPolicy").put("Name", "").put("MaximumRetryCount", 0);
    json.put("AutoRemove", false);
    putTextsOrNull(json, "CapAdd", spec.getCapabilityAddList());
    putTextsOrNull(json, "CapDrop", spec.getCapabilityDropList());
    putTextsOrNull(json, "Dns", spec.getDnsConfig().getNameserversList());
    putTextsOrNull(json, "DnsOptions", spec.getDnsConfig().getOptionsList());
    putTextsOrNull(json, "DnsSearch", spec.getDnsConfig().getSearchList());
    putTextsOrNull(json, "ExtraHosts", spec.getHostsList());
    json.putNull("GroupAdd");
    json.put("Privileged", false);
    json.put("PublishAllPorts", false);
    json.put("ReadonlyRootfs", spec.getReadOnly());
    putTextsOrNull(json, "SecurityOpt", TaskPrivileges.securityOptions(spec.getPrivileges()));
    putTexts(json, "MaskedPaths", confinement.maskedPaths());
    putTexts(json, "ReadonlyPaths", confinement.readOnlyPaths());
    json.put("Runtime", "runc");
    json.put("Isolation", "");
    json.put("NanoCpus", limits.getNanoCpus());
    json.put("Memory", limits.getMemoryBytes());
    json.put("MemoryReservation", reservations.getMemoryBytes());
    json.put("PidsLimit", spec.getPidsLimit());
    if (spec.hasInit()) {
      json.put("Init", spec.getInit().getValue());
    }
    json.set("Sysctls", texts(spec.getSysctlsMap()));
    json.set("Ulimits", ulimits(spec));
    json.set("Mounts", mounts(spec));
    return json;
  }

  private static ObjectNode texts(Map<String, String> texts) {
    ObjectNode json = Json.object();
    texts.forEach(json::put);
    return json;
  }

  private static ArrayNode ulimits(ContainerSpec spec) {
    ArrayNode json = Json.array();
    for (ContainerSpec.Ulimit ulimit : spec.getUlimitsList()) {
      json.addObject()
          .put("Name", ulimit.getName())
          .put("Hard", ulimit.getHard())
          .put("Soft", ulimit.getSoft());
    }
    return json;
  }

  private static ArrayNode mounts(ContainerSpec spec) {
    ArrayNode json = Json.array();
    for (Mount mount : spec.getMountsList()) {
      json.add(MountJson.TABLE.show(mount));
    }
    return json;
  }

  private static void putTexts(ObjectNode json, String key, Collection<String> texts) {
    texts.forEach(json.putArray(key)::add);
  }

  private static void putTextsOrNull(ObjectNode json, String key, Collection<String> texts) {
    if (texts.isEmpty()) {
      json.putNull(key);
    } else {
      putTexts(json, key, texts);
    }
  }
}
