package dev.hanse.agent.workload;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.hanse.model.TaskState;
import dev.hanse.model.WorkloadPlaceholders;
import dev.hanse.model.WorkloadRecord;
import dev.hanse.model.WorkloadState;
import java.util.Optional;

/** A workload as bytes on its node's disk. Pure. */
public final class WorkloadForm {
  private WorkloadForm() {}

  /** With its last status and its original. */
  public static byte[] write(Workload workload) {
    WorkloadRecord.Builder record =
        WorkloadRecord.newBuilder()
            .setId(workload.id())
            .setName(workload.name())
            .putAllLabels(workload.labels())
            .addAllAttachments(workload.attachments())
            .addAllPorts(workload.ports())
            .setRestart(workload.restart())
            .setResources(workload.resources())
            .addAllGenericResources(workload.genericResources())
            .setLogDriver(workload.logDriver())
            .setFamily(workload.family())
            .setDesiredValue(number(workload.desired()))
            .setStatus(state(workload.status()))
            .setMaker(workload.original().maker())
            .setOriginal(workload.original().content());
    workload.container().ifPresent(record::setContainer);
    workload
        .placeholders()
        .ifPresent(
            given ->
                record.setPlaceholders(
                    WorkloadPlaceholders.newBuilder()
                        .putAllValues(given.values())
                        .putAllServiceLabels(given.serviceLabels())));
    return record.build().toByteArray();
  }

  private static WorkloadState state(WorkloadStatus status) {
    WorkloadState.Builder state =
        WorkloadState.newBuilder()
            .setStateValue(number(status.state()))
            .setMessage(status.message())
            .setError(status.error())
            .setReachedAt(status.reachedAt())
            .addAllPorts(status.ports());
    status.container().ifPresent(state::setContainer);
    return state.build();
  }

  /** A state of a later version stays one that is not known. */
  private static int number(TaskState state) {
    return state == TaskState.UNRECOGNIZED ? -1 : state.getNumber();
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws InvalidProtocolBufferException if it is something else
   */
  public static Workload read(byte[] content) throws InvalidProtocolBufferException {
    WorkloadRecord record = WorkloadRecord.parseFrom(content);
    return new Workload(
        record.getId(),
        record.getName(),
        record.getLabelsMap(),
        record.hasContainer() ? Optional.of(record.getContainer()) : Optional.empty(),
        record.getAttachmentsList(),
        record.getPortsList(),
        record.getRestart(),
        record.getResources(),
        record.getGenericResourcesList(),
        record.getLogDriver(),
        placeholders(record),
        record.getFamily(),
        record.getDesired(),
        status(record.getStatus()),
        new Original(record.getMaker(), record.getOriginal()));
  }

  private static Optional<Placeholders> placeholders(WorkloadRecord record) {
    if (!record.hasPlaceholders()) {
      return Optional.empty();
    }
    WorkloadPlaceholders given = record.getPlaceholders();
    return Optional.of(new Placeholders(given.getValuesMap(), given.getServiceLabelsMap()));
  }

  private static WorkloadStatus status(WorkloadState state) {
    return new WorkloadStatus(
        state.getState(),
        state.getMessage(),
        state.getError(),
        state.getReachedAt(),
        state.hasContainer() ? Optional.of(state.getContainer()) : Optional.empty(),
        state.getPortsList());
  }
}
