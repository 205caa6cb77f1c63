package dev.hanse.docker.json;

import static dev.hanse.docker.json.CommonJson.lower;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.model.ContainerStatus;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.Task;
import dev.hanse.model.TaskStatus;
import dev.hanse.web.Json;

/** Tasks. Only ever written: nobody makes tasks over the API. */
public final class TaskJson {
  private TaskJson() {}

  /** A task as {@code GET /tasks} shows it. */
  public static ObjectNode task(Task task) {
    ObjectNode object = Json.object();
    object.put("ID", task.getId());
    CommonJson.meta(object, task.getMeta());
    CommonJson.annotations(object, task.getAnnotations());
    object.set("Spec", TaskSpecJson.spec(task.getSpec()));
    Out.text(object, "ServiceID", task.getServiceId());
    Out.number(object, "Slot", task.getSlot());
    Out.text(object, "NodeID", task.getNodeId());
    object.set("Status", status(task.getStatus()));
    object.put("DesiredState", lower(task.getDesiredState()));
    Out.objects(object, "NetworksAttachments", task.getNetworksList(), TaskJson::attachment);
    ResourcesJson.generic(object, task.getAssignedGenericResourcesList());
    if (task.hasJobIteration()) {
      CommonJson.version(object, "JobIteration", task.getJobIteration().getIndex());
    }
    if (task.getVolumesCount() == 0) {
      object.putNull("Volumes");
    }
    Out.objects(
        object,
        "Volumes",
        task.getVolumesList(),
        volume -> {
          ObjectNode attachment = Json.object();
          Out.text(attachment, "ID", volume.getId());
          Out.text(attachment, "Source", volume.getSource());
          Out.text(attachment, "Target", volume.getTarget());
          return attachment;
        });
    return object;
  }

  private static ObjectNode status(TaskStatus status) {
    ObjectNode object = Json.object();
    object.put("Timestamp", Times.text(status.getTimestamp()));
    object.put("State", lower(status.getState()));
    Out.text(object, "Message", status.getMessage());
    Out.text(object, "Err", status.getErr());
    if (status.hasContainer()) {
      ContainerStatus container = status.getContainer();
      object
          .putObject("ContainerStatus")
          .put("ContainerID", container.getContainerId())
          .put("PID", container.getPid())
          .put("ExitCode", container.getExitCode());
    }
    Out.objects(
        object.putObject("PortStatus"),
        "Ports",
        status.getPortStatus().getPortsList(),
        EndpointJson::port);
    return object;
  }

  private static ObjectNode attachment(NetworkAttachment attachment) {
    ObjectNode object = Json.object();
    object.set("Network", NetworkJson.attached(attachment.getNetwork()));
    Out.texts(object, "Addresses", attachment.getAddressesList());
    return object;
  }
}
