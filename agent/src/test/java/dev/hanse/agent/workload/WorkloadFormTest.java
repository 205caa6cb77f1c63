package dev.hanse.agent.workload;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.ContainerStatus;
import dev.hanse.model.Driver;
import dev.hanse.model.GenericResource;
import dev.hanse.model.NamedGenericResource;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.PortConfig;
import dev.hanse.model.ResourceRequirements;
import dev.hanse.model.Resources;
import dev.hanse.model.RestartPolicy;
import dev.hanse.model.RestartPolicy.RestartCondition;
import dev.hanse.model.TaskState;
import dev.hanse.model.WorkloadRecord;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is written is read again, whoever made it. */
class WorkloadFormTest {
  private static final ByteString BODY = ByteString.copyFrom(new byte[] {0, (byte) 0xff, '{'});

  private static Workload full(Optional<Placeholders> placeholders, TaskState desired) {
    return new Workload(
        "id1",
        "name",
        Map.of("a", "b"),
        Optional.of(ContainerSpec.newBuilder().setImage("image").build()),
        List.of(NetworkAttachment.newBuilder().addAddresses("10.0.0.2/24").build()),
        List.of(PortConfig.newBuilder().setTargetPort(80).build()),
        RestartPolicy.newBuilder().setCondition(RestartCondition.ON_FAILURE).build(),
        ResourceRequirements.newBuilder()
            .setLimits(Resources.newBuilder().setMemoryBytes(7))
            .build(),
        List.of(
            GenericResource.newBuilder()
                .setNamedResourceSpec(
                    NamedGenericResource.newBuilder().setKind("gpu").setValue("one"))
                .build()),
        Driver.newBuilder().setName("json-file").build(),
        placeholders,
        "family",
        desired,
        new WorkloadStatus(
            TaskState.STARTING,
            "starting",
            "not yet",
            Timestamp.newBuilder().setSeconds(5).build(),
            Optional.of(ContainerStatus.newBuilder().setContainerId("c1").build()),
            List.of(PortConfig.newBuilder().setPublishedPort(8080).build())),
        new Original("docker", BODY));
  }

  @Test
  void every_part_is_read_again_and_the_original_byte_by_byte() throws Exception {
    Placeholders placeholders = new Placeholders(Map.of("x", "y"), Map.of("tier", "front"));
    for (Workload workload :
        List.of(
            full(Optional.of(placeholders), TaskState.RUNNING),
            full(Optional.empty(), TaskState.SHUTDOWN),
            full(Optional.empty(), TaskState.UNRECOGNIZED))) {
      Workload read = WorkloadForm.read(WorkloadForm.write(workload));
      assertThat(read).isEqualTo(workload);
      assertThat(read.original().content()).isEqualTo(BODY);
    }
  }

  @Test
  void no_field_of_the_record_is_forgotten() throws Exception {
    byte[] written =
        WorkloadForm.write(
            full(Optional.of(new Placeholders(Map.of(), Map.of())), TaskState.RUNNING));
    assertThat(WorkloadRecord.parseFrom(written).getAllFields().keySet())
        .containsAll(WorkloadRecord.getDescriptor().getFields());
  }

  @Test
  void a_task_and_its_workload_are_read_again_together() throws Exception {
    Workload read =
        WorkloadForm.read(WorkloadForm.write(SwarmWorkloads.workload(OldRecords.task())));
    assertThat(read).isEqualTo(SwarmWorkloads.workload(OldRecords.task()));
    assertThat(SwarmWorkloads.task(read)).contains(OldRecords.task());
  }
}
