package dev.hanse.runtime.containers;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Timestamp;
import dev.hanse.containerd.containers.Container;
import dev.hanse.containerd.containers.DeleteContainerRequest;
import dev.hanse.containerd.containers.GetContainerRequest;
import dev.hanse.containerd.containers.ListContainersRequest;
import dev.hanse.containerd.containers.UpdateContainerRequest;
import dev.hanse.containerd.task.Process;
import dev.hanse.containerd.task.Status;
import dev.hanse.containerd.tasks.GetRequest;
import dev.hanse.containerd.tasks.ListTasksRequest;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.Faults;
import dev.hanse.runtime.containerd.Labels;
import dev.hanse.runtime.process.ExitStatus;
import dev.hanse.runtime.spec.MountTree;
import dev.hanse.runtime.spec.MountTreeJson;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads and writes containerd's records of containers and what it says of their processes. */
final class ContainerRecords {
  /** Name under which the caller's bytes are kept with a container. */
  static final String ATTACHMENT = "hanse.attachment/";

  /** Name under which the mounts are kept that are made for its start. */
  static final String MOUNT_TREES = "hanse.mount-trees";

  private static final String ATTACHMENT_TYPE = "dev.hanse/attachment";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final ContainerdClient client;

  ContainerRecords(ContainerdClient client) {
    this.client = client;
  }

  static Any attachment(byte[] bytes) {
    return Any.newBuilder()
        .setTypeUrl(ATTACHMENT_TYPE)
        .setValue(ByteString.copyFrom(bytes))
        .build();
  }

  static Instant instant(Timestamp timestamp) {
    return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
  }

  Optional<Container> record(String id) {
    try {
      var request = GetContainerRequest.newBuilder().setId(id).build();
      return Optional.of(client.calls().containers().get(request).getContainer());
    } catch (StatusRuntimeException failure) {
      if (Faults.isNotFound(failure)) {
        return Optional.empty();
      }
      throw Faults.of("looking for container " + id, failure);
    }
  }

  Container require(String id) {
    return record(id).orElseThrow(() -> noSuchContainer(id));
  }

  /** The mounts that are made before runc makes the container. */
  List<MountTree> mountTrees(String id) {
    try {
      Any kept = require(id).getExtensionsOrDefault(MOUNT_TREES, attachment("[]".getBytes(UTF_8)));
      return MountTreeJson.read(kept.getValue().toByteArray());
    } catch (IOException failure) {
      throw new RuntimeFault(RuntimeFault.Kind.INTERNAL, "container " + id, failure);
    }
  }

  static RuntimeFault noSuchContainer(String id) {
    return new RuntimeFault(RuntimeFault.Kind.NO_SUCH_CONTAINER, "No such container: " + id);
  }

  static RuntimeFault notRunning(String id) {
    return new RuntimeFault(RuntimeFault.Kind.CONFLICT, "container " + id + " is not running");
  }

  /** The document that runc was given. */
  static ObjectNode specification(Container record) {
    try {
      return (ObjectNode) JSON.readTree(record.getSpec().getValue().toByteArray());
    } catch (IOException failure) {
      throw new RuntimeFault(
          RuntimeFault.Kind.INTERNAL, "specification of container " + record.getId(), failure);
    }
  }

  /** The container's process 1 or an exec, if containerd knows it. */
  Optional<Process> process(String id, String execId) {
    try {
      var request = GetRequest.newBuilder().setContainerId(id).setExecId(execId).build();
      return Optional.of(client.calls().tasks().get(request).getProcess());
    } catch (StatusRuntimeException failure) {
      if (Faults.isNotFound(failure)) {
        return Optional.empty();
      }
      throw Faults.of("looking at container " + id, failure);
    }
  }

  /** Process 1 of every container that has one, by container. */
  Map<String, Process> processes() {
    try {
      var found = new HashMap<String, Process>();
      for (Process process :
          client.calls().tasks().list(ListTasksRequest.getDefaultInstance()).getTasksList()) {
        // The list names a container's process by "id" alone.
        found.put(process.getId(), process);
      }
      return found;
    } catch (StatusRuntimeException failure) {
      throw Faults.of("listing tasks", failure);
    }
  }

  List<Container> all() {
    try {
      return client
          .calls()
          .containers()
          .list(ListContainersRequest.getDefaultInstance())
          .getContainersList();
    } catch (StatusRuntimeException failure) {
      throw Faults.of("listing containers", failure);
    }
  }

  /** As {@link #state(String)}; of what has ended and been cleared away nobody is asked. */
  ContainerState state(Container record) {
    boolean over = exit(record.getLabelsMap()).isPresent();
    return state(record, over ? Optional.empty() : process(record.getId(), ""));
  }

  /** Of a container that runs, as this daemon has seen it begin. */
  static ContainerState state(Container record, LiveContainer.Run run, boolean paused) {
    return new ContainerState(
        record.getId(),
        record.getLabelsOrDefault(Labels.IMAGE, ""),
        UserLabels.of(record),
        paused ? ContainerState.Phase.PAUSED : ContainerState.Phase.RUNNING,
        run.processId(),
        Optional.of(run.startedAt()),
        Optional.empty(),
        instant(record.getCreatedAt()),
        attachments(record));
  }

  Optional<ContainerState> state(String id) {
    return record(id).map(record -> state(record, process(id, "")));
  }

  static ContainerState state(Container record, Optional<Process> process) {
    Optional<ExitStatus> exit =
        process
            .filter(one -> one.getStatus() == Status.STOPPED)
            .map(ContainerRecords::exit)
            .or(() -> process.isPresent() ? Optional.empty() : exit(record.getLabelsMap()));
    ContainerState.Phase phase = phase(process.map(Process::getStatus), exit.isPresent());
    boolean alive = phase == ContainerState.Phase.RUNNING || phase == ContainerState.Phase.PAUSED;
    Optional<Integer> processId =
        alive ? process.map(Process::getPid).filter(ContainerRecords::isKnown) : Optional.empty();
    return new ContainerState(
        record.getId(),
        record.getLabelsOrDefault(Labels.IMAGE, ""),
        UserLabels.of(record),
        phase,
        processId,
        alive ? processId.flatMap(ContainerRecords::processStart) : lastStart(record),
        exit,
        instant(record.getCreatedAt()),
        attachments(record));
  }

  /** containerd has no number for a process whose shim does not answer it in time. */
  static boolean isKnown(int processId) {
    return processId > 0;
  }

  /** When a process began that runs now, or has not been waited for. */
  static Optional<Instant> processStart(int processId) {
    return ProcessHandle.of(processId).flatMap(process -> process.info().startInstant());
  }

  private static Optional<Instant> lastStart(Container record) {
    return Optional.ofNullable(record.getLabelsMap().get(Labels.START_TIME)).map(Instant::parse);
  }

  static ExitStatus exit(Process process) {
    return new ExitStatus(process.getExitStatus(), instant(process.getExitedAt()), false);
  }

  private static ContainerState.Phase phase(Optional<Status> status, boolean hasExit) {
    if (status.isEmpty()) {
      return hasExit ? ContainerState.Phase.EXITED : ContainerState.Phase.CREATED;
    }
    return switch (status.get()) {
      case RUNNING, UNKNOWN, UNRECOGNIZED -> ContainerState.Phase.RUNNING;
      case CREATED -> ContainerState.Phase.CREATED;
      case STOPPED -> ContainerState.Phase.EXITED;
      case PAUSED, PAUSING -> ContainerState.Phase.PAUSED;
    };
  }

  private static Optional<ExitStatus> exit(Map<String, String> labels) {
    String code = labels.get(Labels.EXIT_CODE);
    String time = labels.get(Labels.EXIT_TIME);
    return code == null || time == null
        ? Optional.empty()
        : Optional.of(
            new ExitStatus(
                Integer.parseInt(code),
                Instant.parse(time),
                Boolean.parseBoolean(labels.getOrDefault(Labels.EXIT_OUT_OF_MEMORY, "false"))));
  }

  private static Map<String, byte[]> attachments(Container record) {
    var found = new HashMap<String, byte[]>();
    record
        .getExtensionsMap()
        .forEach(
            (name, value) -> {
              if (name.startsWith(ATTACHMENT)) {
                found.put(name.substring(ATTACHMENT.length()), value.getValue().toByteArray());
              }
            });
    return found;
  }

  /** Notes how the last run ended, so that it is known after the shim is gone. */
  void saveExit(String id, Instant startedAt, ExitStatus exit) {
    var container =
        Container.newBuilder()
            .setId(id)
            .putLabels(Labels.START_TIME, startedAt.toString())
            .putLabels(Labels.EXIT_CODE, Integer.toString(exit.code()))
            .putLabels(Labels.EXIT_TIME, exit.exitedAt().toString())
            .putLabels(Labels.EXIT_OUT_OF_MEMORY, Boolean.toString(exit.outOfMemory()));
    var mask =
        FieldMask.newBuilder()
            .addPaths("labels." + Labels.START_TIME)
            .addPaths("labels." + Labels.EXIT_CODE)
            .addPaths("labels." + Labels.EXIT_TIME)
            .addPaths("labels." + Labels.EXIT_OUT_OF_MEMORY);
    try {
      var unused =
          client
              .calls()
              .containers()
              .update(
                  UpdateContainerRequest.newBuilder()
                      .setContainer(container)
                      .setUpdateMask(mask)
                      .build());
    } catch (StatusRuntimeException failure) {
      if (!Faults.isNotFound(failure)) {
        throw Faults.of("noting the exit of container " + id, failure);
      }
    }
  }

  void delete(String id) {
    try {
      var unused =
          client.calls().containers().delete(DeleteContainerRequest.newBuilder().setId(id).build());
    } catch (StatusRuntimeException failure) {
      if (!Faults.isNotFound(failure)) {
        throw Faults.of("removing container " + id, failure);
      }
    }
  }
}
