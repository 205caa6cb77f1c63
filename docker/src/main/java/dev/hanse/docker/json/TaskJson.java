package dev.hanse.docker.json;

import static dev.hanse.docker.field.Notations.COUNT;
import static dev.hanse.docker.field.Notations.TEXT;
import static dev.hanse.docker.field.Notations.TEXTS;
import static dev.hanse.docker.field.Notations.TIME;
import static dev.hanse.docker.field.Notations.UNSIGNED;
import static dev.hanse.docker.field.Notations.list;
import static dev.hanse.docker.json.CommonJson.VERSION;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.field.ShownTable;
import dev.hanse.docker.field.Words;
import dev.hanse.model.ContainerStatus;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.PortStatus;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.model.VolumeAttachment;

/** Tasks. Only ever written: nobody makes tasks over the API. */
public final class TaskJson {
  private static final Words<TaskState> STATE = Words.lenient(TaskState.NEW, CommonJson::lower);

  private static final ShownTable<ContainerStatus> CONTAINER =
      ShownTable.of(ContainerStatus.class)
          .always("ContainerID", TEXT, ContainerStatus::getContainerId)
          .always("PID", COUNT, ContainerStatus::getPid)
          .always("ExitCode", COUNT, ContainerStatus::getExitCode)
          .build();

  private static final ShownTable<PortStatus> PORTS =
      ShownTable.of(PortStatus.class)
          .line("Ports", list(EndpointJson.PORT), PortStatus::getPortsList)
          .build();

  private static final ShownTable<TaskStatus> STATUS =
      ShownTable.of(TaskStatus.class)
          .always("Timestamp", TIME, TaskStatus::getTimestamp)
          .always("State", STATE, TaskStatus::getState)
          .line("Message", TEXT, TaskStatus::getMessage)
          .line("Err", TEXT, TaskStatus::getErr)
          .optional(
              "ContainerStatus", CONTAINER, TaskStatus::hasContainer, TaskStatus::getContainer)
          .always("PortStatus", PORTS, TaskStatus::getPortStatus)
          .without("applied_by", "swarmkit's own, for a manager's logs")
          .without("applied_at", "swarmkit's own, for a manager's logs")
          .build();

  private static final ShownTable<NetworkAttachment> ATTACHMENT =
      ShownTable.of(NetworkAttachment.class)
          .always("Network", NetworkJson.ATTACHED, NetworkAttachment::getNetwork)
          .line("Addresses", TEXTS, NetworkAttachment::getAddressesList)
          .without("aliases", "shown with the specification's networks")
          .without("driver_attachment_opts", "shown with the specification's networks")
          .without("mac_address", "Docker shows it with the container, on its node")
          .build();

  private static final ShownTable<VolumeAttachment> VOLUME =
      ShownTable.of(VolumeAttachment.class)
          .line("ID", TEXT, VolumeAttachment::getId)
          .line("Source", TEXT, VolumeAttachment::getSource)
          .line("Target", TEXT, VolumeAttachment::getTarget)
          .build();

  private static final ShownTable<Task> TABLE =
      ShownTable.of(Task.class)
          .always("ID", TEXT, Task::getId)
          .inline(CommonJson.META, Task::getMeta)
          .inline(CommonJson.ANNOTATIONS.shown(), Task::getAnnotations)
          .always("Spec", TaskSpecJson.TABLE, Task::getSpec)
          .line("ServiceID", TEXT, Task::getServiceId)
          .line("Slot", UNSIGNED, Task::getSlot)
          .line("NodeID", TEXT, Task::getNodeId)
          .always("Status", STATUS, Task::getStatus)
          .always("DesiredState", STATE, Task::getDesiredState)
          .line("NetworksAttachments", list(ATTACHMENT), Task::getNetworksList)
          .line(
              "GenericResources",
              list(ResourcesJson.GENERIC),
              Task::getAssignedGenericResourcesList)
          .optional("JobIteration", VERSION, Task::hasJobIteration, Task::getJobIteration)
          .emptyAsNull("Volumes", list(VOLUME), Task::getVolumesList)
          .without("spec_version", "Docker shows the object's version only")
          .without("service_annotations", "shown with the service")
          .without("endpoint", "shown with the service")
          .without("log_driver", "the cluster's default; the specification's own is shown")
          .without("plan", "ours, for the orchestrator")
          .build();

  private TaskJson() {}

  /** A task as {@code GET /tasks} shows it. */
  public static ObjectNode task(Task task) {
    return TABLE.show(task);
  }
}
