package dev.hanse.control.scheduler;

import dev.hanse.model.LogLimits;
import dev.hanse.model.Mount;
import dev.hanse.model.Node;
import dev.hanse.model.PluginDescription;
import dev.hanse.model.Task;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The drivers that a task needs on its node: for its log and for its volumes. A node may get one at
 * any time, so a task waits for it. A node that names no plugin of a type says nothing of that
 * type.
 */
final class Plugins {
  private static final String LOG = "Log";
  private static final String VOLUME = "Volume";
  private static final String NEWEST = ":latest";

  private final Set<String> logs;
  private final Set<String> volumes;

  Plugins(Task task) {
    String log = task.getLogDriver().getName();
    this.logs = log.isEmpty() || log.equals(LogLimits.NONE) ? Set.of() : Set.of(log);
    this.volumes =
        task.getSpec().getContainer().getMountsList().stream()
            .filter(mount -> mount.getType() == Mount.Type.VOLUME)
            .map(mount -> mount.getVolumeOptions().getDriverConfig().getName())
            .filter(name -> !name.isEmpty())
            .collect(Collectors.toUnmodifiableSet());
  }

  boolean areOn(Node node) {
    return has(node, LOG, logs) && has(node, VOLUME, volumes);
  }

  private static boolean has(Node node, String type, Set<String> wanted) {
    if (wanted.isEmpty()) {
      return true;
    }
    List<String> names =
        node.getDescription().getEngine().getPluginsList().stream()
            .filter(plugin -> plugin.getType().equals(type))
            .map(PluginDescription::getName)
            .toList();
    return names.isEmpty()
        || wanted.stream().allMatch(name -> names.contains(name) || names.contains(name + NEWEST));
  }
}
