package dev.hanse.agent;

import dev.hanse.model.EngineDescription;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.OverlayNode;
import dev.hanse.model.Platform;
import dev.hanse.model.PluginDescription;
import dev.hanse.model.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What this host is and has, in the words of a node's description. */
final class HostDescription {
  private static final long NANO_CPUS_PER_CPU = 1_000_000_000L;

  private HostDescription() {}

  static NodeDescription describe(AgentSettings settings) {
    return NodeDescription.newBuilder()
        .setHostname(settings.hostname())
        .setPlatform(
            Platform.newBuilder()
                .setArchitecture(architecture(System.getProperty("os.arch", "")))
                .setOs("linux"))
        .setResources(
            Resources.newBuilder()
                .setNanoCpus(processors() * NANO_CPUS_PER_CPU)
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
        plugin(OverlayNode.TYPE, "bridge"),
        plugin(OverlayNode.TYPE, OverlayNode.PLUGIN),
        plugin(OverlayNode.TYPE, "host"),
        plugin(OverlayNode.TYPE, "overlay"),
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

  /**
   * How many processors this process may use. Not the virtual machine's count: that one may be set
   * lower to save memory.
   */
  static int processors() {
    return line("/proc/self/status", "Cpus_allowed:")
        .map(
            masks ->
                Arrays.stream(masks.strip().split(","))
                    .mapToInt(mask -> Long.bitCount(Long.parseUnsignedLong(mask, 16)))
                    .sum())
        .orElseGet(() -> Runtime.getRuntime().availableProcessors());
  }

  private static long memoryBytes() {
    return line("/proc/meminfo", "MemTotal:")
        .map(text -> Long.parseLong(text.replace("kB", "").strip()) * 1024)
        .orElse(0L);
  }

  private static Optional<String> line(String file, String label) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines
          .filter(text -> text.startsWith(label))
          .map(text -> text.substring(label.length()))
          .findFirst();
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }
}
