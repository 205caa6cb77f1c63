package dev.hanse.agent.task;

import dev.hanse.agent.workload.Placeholders;
import dev.hanse.model.ContainerTemplate;
import dev.hanse.model.NodeDescription;
import java.util.HashMap;
import java.util.Map;

/** What the templates of a workload are filled in with: what its maker says, and its node. Pure. */
final class TaskTemplates {
  private TaskTemplates() {}

  static ContainerTemplate of(Placeholders placeholders, NodeDescription node) {
    Map<String, String> values = new HashMap<>(placeholders.values());
    values.put("Node.Hostname", node.getHostname());
    values.put("Node.Platform.Architecture", node.getPlatform().getArchitecture());
    values.put("Node.Platform.OS", node.getPlatform().getOs());
    return new ContainerTemplate(values, placeholders.serviceLabels());
  }
}
