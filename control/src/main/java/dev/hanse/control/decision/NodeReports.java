package dev.hanse.control.decision;

import dev.hanse.control.Rejection;
import dev.hanse.control.allocator.ForeignSubnets;
import dev.hanse.model.ContainerStatus;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PortConfig.PublishMode;
import dev.hanse.model.PortStatus;
import dev.hanse.model.PublishedPort;
import dev.hanse.model.Task;
import dev.hanse.model.TaskStatus;
import dev.hanse.text.Form;
import java.util.Optional;

/**
 * What is kept of what a node says of its tasks and of itself. Every manager holds it in memory, in
 * the log and in snapshots, and a node that was taken over says what it likes, so all of it has a
 * form and a length, and what nobody reads is not kept.
 */
final class NodeReports {
  /** Of a message or an error, characters. */
  static final int TEXT_LENGTH_MAX = 2_048;

  /** Of a node's description, bytes: names, labels and plugins take a few hundred. */
  static final int DESCRIPTION_BYTES_MAX = 64 << 10;

  /** Docker's are 64 hexadecimal digits. */
  private static final Form CONTAINER_ID = Form.of("[A-Za-z0-9_.-]+", 128);

  private NodeReports() {}

  /** A status of a task, made of what is known of such. */
  static TaskStatus kept(Task task, TaskStatus reported) {
    TaskStatus.Builder kept =
        TaskStatus.newBuilder()
            .setState(reported.getState())
            .setMessage(shortened(reported.getMessage()))
            .setErr(shortened(reported.getErr()));
    if (reported.hasTimestamp()) {
      kept.getTimestampBuilder()
          .setSeconds(reported.getTimestamp().getSeconds())
          .setNanos(reported.getTimestamp().getNanos());
    }
    if (reported.hasContainer()) {
      kept.setContainer(kept(reported.getContainer()));
    }
    if (reported.hasPortStatus()) {
      kept.setPortStatus(kept(task, reported.getPortStatus()));
    }
    return kept.build();
  }

  private static ContainerStatus kept(ContainerStatus reported) {
    ContainerStatus.Builder kept =
        ContainerStatus.newBuilder().setPid(reported.getPid()).setExitCode(reported.getExitCode());
    if (CONTAINER_ID.fits(reported.getContainerId())) {
      kept.setContainerId(reported.getContainerId());
    }
    return kept.build();
  }

  /** The task's own ports, each with the number that its node has chosen for it. */
  private static PortStatus kept(Task task, PortStatus reported) {
    PortStatus.Builder kept = PortStatus.newBuilder();
    for (PortConfig own : task.getEndpoint().getPortsList()) {
      if (own.getPublishMode() == PublishMode.HOST) {
        reported.getPortsList().stream()
            .filter(port -> isChosenFor(own, port))
            .findFirst()
            .map(port -> own.toBuilder().setPublishedPort(port.getPublishedPort()).build())
            .ifPresent(kept::addPorts);
      }
    }
    return kept.build();
  }

  private static boolean isChosenFor(PortConfig own, PortConfig reported) {
    return reported.getPublishMode() == PublishMode.HOST
        && reported.getProtocol() == own.getProtocol()
        && reported.getTargetPort() == own.getTargetPort()
        && PublishedPort.isNumber(reported.getPublishedPort())
        && (own.getPublishedPort() == 0 || own.getPublishedPort() == reported.getPublishedPort());
  }

  /** A node's description with no more of it than is kept. */
  static NodeDescription kept(NodeDescription reported) {
    return ForeignSubnets.bounded(reported);
  }

  /** Why a description is not taken. */
  static Optional<Rejection> check(NodeDescription reported) {
    return kept(reported).getSerializedSize() > DESCRIPTION_BYTES_MAX
        ? Outcome.invalid(
            "the node's description is longer than " + DESCRIPTION_BYTES_MAX + " bytes")
        : Optional.empty();
  }

  private static String shortened(String text) {
    return text.length() <= TEXT_LENGTH_MAX ? text : text.substring(0, TEXT_LENGTH_MAX) + "…";
  }
}
