package dev.hanse.sim.check;

import dev.hanse.control.Tasks;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PortConfig.PublishMode;
import dev.hanse.model.PublishedPort;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.HashMap;
import java.util.Map;

/**
 * No published port is given twice: one in ingress mode not in the whole swarm, one in host mode
 * not on a node, and no port to one service in ingress mode and to another in host mode.
 */
final class Ports {
  private Ports() {}

  static void check(Snapshot snapshot) {
    checkServices(snapshot);
    checkTasks(snapshot);
  }

  private static void checkServices(Snapshot snapshot) {
    Map<PublishedPort, String> ingress = new HashMap<>();
    for (Service service : snapshot.all(Kind.SERVICE)) {
      for (PortConfig port : service.getEndpoint().getPortsList()) {
        if (port.getPublishMode() == PublishMode.INGRESS) {
          Violation.unless(
              port.getPublishedPort() > 0,
              "service %s: port %s",
              service.getId(),
              PublishedPort.of(port));
          give(ingress, PublishedPort.of(port), service.getId());
        }
      }
    }
    for (Service service : snapshot.all(Kind.SERVICE)) {
      for (PortConfig port : service.getEndpoint().getPortsList()) {
        String owner = ingress.getOrDefault(PublishedPort.of(port), service.getId());
        Violation.unless(
            owner.equals(service.getId()),
            "port %s given to %s in ingress mode and to %s in host mode",
            PublishedPort.of(port),
            owner,
            service.getId());
      }
    }
  }

  private static void checkTasks(Snapshot snapshot) {
    Map<String, String> given = new HashMap<>();
    for (Task task : snapshot.all(Kind.TASK)) {
      // One of a global service waits for its port on the node that it was made for.
      if (!Tasks.isDead(task) && Tasks.isAssigned(task)) {
        for (PortConfig port : task.getEndpoint().getPortsList()) {
          if (port.getPublishMode() == PublishMode.HOST && port.getPublishedPort() > 0) {
            give(given, PublishedPort.of(port) + " of node " + task.getNodeId(), task.getId());
          }
        }
      }
    }
  }

  private static <K> void give(Map<K, String> given, K port, String to) {
    String former = given.put(port, to);
    Violation.unless(former == null, "port %s given to %s and %s", port, former, to);
  }
}
