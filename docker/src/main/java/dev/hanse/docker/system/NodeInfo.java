package dev.hanse.docker.system;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.DockerSettings;
import dev.hanse.docker.field.Times;
import dev.hanse.web.Json;
import java.time.Instant;
import java.util.List;

/** The part of {@code docker info} that is about this machine. */
final class NodeInfo {
  private static final List<String> COUNTERS =
      List.of("Containers", "ContainersRunning", "ContainersPaused", "ContainersStopped", "Images");

  /** What the runtime can enforce; the CLI warns of each that is false. */
  private static final List<String> ABILITIES =
      List.of(
          "MemoryLimit",
          "SwapLimit",
          "CpuCfsPeriod",
          "CpuCfsQuota",
          "CPUShares",
          "CPUSet",
          "PidsLimit",
          "IPv4Forwarding");

  private NodeInfo() {}

  static ObjectNode of(DockerSettings settings, MachineFacts host) {
    ObjectNode info = Json.object();
    info.put("ID", settings.engineId());
    COUNTERS.forEach(counter -> info.put(counter, 0));
    info.put("Driver", "");
    info.putArray("DriverStatus");
    plugins(info.putObject("Plugins"));
    ABILITIES.forEach(ability -> info.put(ability, true));
    info.put("OomKillDisable", host.cgroupVersion() == 1);
    info.put("Debug", false);
    info.put("NFd", 0);
    info.put("NGoroutines", 0);
    info.put("SystemTime", Times.text(Instant.now()));
    info.put("LoggingDriver", "json-file");
    info.put("CgroupDriver", "cgroupfs");
    info.put("CgroupVersion", Integer.toString(host.cgroupVersion()));
    info.put("NEventsListener", 0);
    info.put("KernelVersion", host.kernelVersion());
    info.put("OperatingSystem", host.operatingSystem());
    info.put("OSVersion", host.operatingSystemVersion());
    info.put("OSType", "linux");
    info.put("Architecture", host.architecture());
    info.put("IndexServerAddress", "https://index.docker.io/v1/");
    registries(info.putObject("RegistryConfig"), settings);
    info.put("NCPU", host.processors());
    info.put("MemTotal", host.memoryBytes());
    info.putNull("GenericResources");
    info.put("DockerRootDir", settings.rootDirectory().toString());
    info.put("HttpProxy", "");
    info.put("HttpsProxy", "");
    info.put("NoProxy", "");
    info.put("Name", settings.hostname());
    ArrayNode labels = info.putArray("Labels");
    settings.labels().forEach(labels::add);
    info.put("ExperimentalBuild", false);
    info.put("ServerVersion", settings.version());
    runtimes(info);
    return info;
  }

  private static void runtimes(ObjectNode info) {
    info.putObject("Runtimes").putObject("runc").put("path", "runc");
    info.put("DefaultRuntime", "runc");
    info.putObject("Swarm");
    info.put("LiveRestoreEnabled", true);
    info.put("Isolation", "");
    info.put("InitBinary", "");
    for (String commit : List.of("ContainerdCommit", "RuncCommit", "InitCommit")) {
      info.putObject(commit).put("ID", "").put("Expected", "");
    }
    info.putArray("SecurityOptions").add("name=seccomp,profile=builtin");
    info.putNull("Warnings");
  }

  private static void plugins(ObjectNode plugins) {
    plugins.putArray("Volume").add("local");
    plugins.putArray("Network").add("bridge").add("host").add("null").add("overlay");
    plugins.putNull("Authorization");
    plugins.putArray("Log").add("json-file").add("local").add("none");
  }

  private static void registries(ObjectNode object, DockerSettings settings) {
    object.putArray("InsecureRegistryCIDRs").add("127.0.0.0/8");
    ObjectNode known = object.putObject("IndexConfigs");
    registry(known, "docker.io", true);
    settings.insecureRegistries().forEach(name -> registry(known, name, false));
    object.putArray("Mirrors");
  }

  private static void registry(ObjectNode known, String name, boolean official) {
    ObjectNode entry = known.putObject(name);
    entry.put("Name", name);
    entry.putArray("Mirrors");
    entry.put("Secure", official);
    entry.put("Official", official);
  }
}
