package dev.hanse.runtime.containers;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.hanse.containerd.task.ProcessInfo;
import dev.hanse.containerd.tasks.CloseIORequest;
import dev.hanse.containerd.tasks.KillRequest;
import dev.hanse.containerd.tasks.ListPidsRequest;
import dev.hanse.containerd.tasks.PauseTaskRequest;
import dev.hanse.containerd.tasks.ResizePtyRequest;
import dev.hanse.containerd.tasks.ResumeTaskRequest;
import dev.hanse.containerd.tasks.TasksGrpc.TasksBlockingStub;
import dev.hanse.containerd.tasks.UpdateTaskRequest;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.Faults;
import dev.hanse.runtime.process.Signals;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What can be done to the processes of a container that runs. Faults: NO_SUCH_CONTAINER, CONFLICT
 * if it does not run.
 */
final class TaskControl {
  private static final String RESOURCES_TYPE =
      "types.containerd.io/opencontainers/runtime-spec/1/LinuxResources";

  private final ContainerdClient client;
  private final ContainerRecords records;

  TaskControl(ContainerdClient client, ContainerRecords records) {
    this.client = client;
    this.records = records;
  }

  private TasksBlockingStub tasks() {
    return client.calls().tasks();
  }

  void signal(String id, int signal) {
    try {
      var unused =
          tasks()
              .kill(
                  KillRequest.newBuilder()
                      .setContainerId(id)
                      .setSignal(signal)
                      .setAll(signal == Signals.KILL)
                      .build());
    } catch (StatusRuntimeException failure) {
      throw fault(id, "signalling", failure);
    }
  }

  void pause(String id) {
    try {
      var unused = tasks().pause(PauseTaskRequest.newBuilder().setContainerId(id).build());
    } catch (StatusRuntimeException failure) {
      throw fault(id, "pausing", failure);
    }
  }

  void resume(String id) {
    try {
      var unused = tasks().resume(ResumeTaskRequest.newBuilder().setContainerId(id).build());
    } catch (StatusRuntimeException failure) {
      throw fault(id, "resuming", failure);
    }
  }

  /** In characters. */
  void resize(String id, int width, int height) {
    try {
      var unused =
          tasks()
              .resizePty(
                  ResizePtyRequest.newBuilder()
                      .setContainerId(id)
                      .setWidth(width)
                      .setHeight(height)
                      .build());
    } catch (StatusRuntimeException failure) {
      throw fault(id, "resizing the terminal of", failure);
    }
  }

  /** Nothing happens if it does not run any more. */
  void endInput(String id) {
    try {
      var unused =
          tasks().closeIO(CloseIORequest.newBuilder().setContainerId(id).setStdin(true).build());
    } catch (StatusRuntimeException failure) {
      if (!Faults.isNotFound(failure)) {
        throw Faults.of("closing the input of container " + id, failure);
      }
    }
  }

  /** As the host numbers them. */
  List<Integer> processIds(String id) {
    try {
      return tasks()
          .listPids(ListPidsRequest.newBuilder().setContainerId(id).build())
          .getProcessesList()
          .stream()
          .map(ProcessInfo::getPid)
          .toList();
    } catch (StatusRuntimeException failure) {
      throw fault(id, "listing the processes of", failure);
    }
  }

  /** Changes its limits; the resources are in the OCI's form. */
  void update(String id, ObjectNode resources) {
    byte[] json = resources.toString().getBytes(StandardCharsets.UTF_8);
    try {
      var unused =
          tasks()
              .update(
                  UpdateTaskRequest.newBuilder()
                      .setContainerId(id)
                      .setResources(
                          Any.newBuilder()
                              .setTypeUrl(RESOURCES_TYPE)
                              .setValue(ByteString.copyFrom(json)))
                      .build());
    } catch (StatusRuntimeException failure) {
      throw fault(id, "changing the limits of", failure);
    }
  }

  private RuntimeFault fault(String id, String doing, StatusRuntimeException failure) {
    if (Faults.isNotFound(failure)) {
      return records.record(id).isPresent()
          ? ContainerRecords.notRunning(id)
          : ContainerRecords.noSuchContainer(id);
    }
    return Faults.of(doing + " container " + id, failure);
  }
}
