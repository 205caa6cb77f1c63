package dev.hanse.control.orchestrator;

import dev.hanse.model.Endpoint;
import dev.hanse.model.EndpointSpec;
import dev.hanse.model.Node;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PortConfig.PublishMode;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.model.TaskSpec;
import dev.hanse.model.TaskState;
import java.util.List;
import java.util.Optional;

/** Whether a task is as its service's present specification wants it, or has to be replaced. */
public final class Specifications {
  private Specifications() {}

  /**
   * A task is outdated if the container would be another one. Ports of the routing mesh are rules
   * outside of the task: publishing one more, or taking one away, restarts nothing, as long as the
   * task is attached to the ingress network at all.
   */
  public static boolean isOutdated(Service service, Task task, Optional<Node> node) {
    if (task.getSpecVersion().equals(service.getSpecVersion())) {
      return false;
    }
    TaskSpec wanted = service.getSpec().getTask();
    boolean sameTask = wanted.equals(task.getSpec()) || onlyMoved(wanted, task.getSpec(), node);
    return !sameTask || hasOtherHostPorts(service, task) || lacksIngress(service, task);
  }

  /** Constraints changed, nothing else, and the task's node satisfies the new ones. */
  private static boolean onlyMoved(TaskSpec wanted, TaskSpec present, Optional<Node> node) {
    TaskSpec.Builder moved = present.toBuilder();
    moved
        .getPlacementBuilder()
        .clearConstraints()
        .addAllConstraints(wanted.getPlacement().getConstraintsList());
    TaskSpec.Builder other = wanted.toBuilder();
    // A placement that is absent and one that is empty are the same.
    other.getPlacementBuilder();
    return moved.build().equals(other.build())
        && node.map(found -> Nodes.satisfies(found, wanted.getPlacement())).orElse(true);
  }

  private static boolean hasOtherHostPorts(Service service, Task task) {
    return isAllocated(task)
        && !hostPorts(service.getSpec().getEndpoint())
            .equals(hostPorts(task.getEndpoint().getSpec()));
  }

  private static List<PortConfig> hostPorts(EndpointSpec spec) {
    return spec.getPortsList().stream()
        .filter(port -> port.getPublishMode() == PublishMode.HOST)
        .toList();
  }

  private static boolean lacksIngress(Service service, Task task) {
    boolean needed =
        service.getSpec().getEndpoint().getPortsList().stream()
            .anyMatch(port -> port.getPublishMode() == PublishMode.INGRESS);
    boolean attached =
        task.getNetworksList().stream()
            .anyMatch(attachment -> attachment.getNetwork().getSpec().getIngress());
    return needed && isAllocated(task) && !attached;
  }

  private static boolean isAllocated(Task task) {
    Endpoint none = Endpoint.getDefaultInstance();
    return task.getStatus().getStateValue() >= TaskState.PENDING_VALUE
        || !task.getEndpoint().equals(none);
  }
}
