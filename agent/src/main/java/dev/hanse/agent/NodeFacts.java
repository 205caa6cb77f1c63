package dev.hanse.agent;

import dev.hanse.model.EngineDescription;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.Platform;
import dev.hanse.model.PluginDescription;
import dev.hanse.model.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What this host is and has, in the words of a node's description. */
final class NodeFacts {
  private static final long NANO_CPUS_PER_CPU = 1_000_000_000L;

  private NodeFacts() {}

  static NodeDescription describe(AgentSettings settings) {
    return NodeDescription.newBuilder()
        .setHostname(settings.hostname())
        .setPlatform(
            Platform.newBuilder()
                .setArchitecture(architecture(System.getProperty("os.arch", "")))
                .setOs("linux"))
        .setResources(
            Resources.newBuilder()
                .setNanoCpus(Runtime.getRuntime().availableProcessors() * NANO_CPUS_PER_CPU)
                .setMemoryBytes(memoryBytes())
                .addAllGeneric(settings.genericResources()))
        .setEngine(
            EngineDescription.newBuilder()
                .setEngineVersion(settings.engineVersion())
                .putAllLabels(settings.labels())
                .addAllPlugins(plugins()))
        .build();
  }

  private static List<PluginDescription> plugins() {
    return List.of(
        plugin("Log", "json-file"),
        plugin("Log", "local"),
        plugin("Log", "none"),
        plugin("Network", "bridge"),
        plugin("Network", "host"),
        plugin("Network", "overlay"),
        plugin("Volume", "local"));
  }

  private static PluginDescription plugin(String type, String name) {
    return PluginDescription.newBuilder().setType(type).setName(name).build();
  }

  /** The name that uname gives, as Docker reports it. */
  static String architecture(String javaName) {
    return switch (javaName) {
      case "amd64" -> "x86_64";
      default -> javaName;
    };
  }

  private static long memoryBytes() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
        if (line.startsWith("MemTotal:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
    } catch (IOException | NumberFormatException unreadable) {
      return 0;
    }
    return 0;
  }
}
