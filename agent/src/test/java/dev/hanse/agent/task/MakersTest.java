package dev.hanse.agent.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.hanse.agent.workload.Original;
import dev.hanse.agent.workload.Workload;
import dev.hanse.agent.workload.WorkloadChanges;
import dev.hanse.agent.workload.WorkloadStatus;
import dev.hanse.model.Driver;
import dev.hanse.model.ResourceRequirements;
import dev.hanse.model.RestartPolicy;
import dev.hanse.model.TaskState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What one maker wants or takes back is nothing to the workloads of another. */
class MakersTest {
  private final NotedWork work = new NotedWork();
  private final TaskTable table = new TaskTable(work);

  private static WorkloadChanges.Change wanted(String maker, String id) {
    return new WorkloadChanges.Wanted(
        new Workload(
            id,
            id,
            Map.of(),
            Optional.empty(),
            List.of(),
            List.of(),
            RestartPolicy.getDefaultInstance(),
            ResourceRequirements.getDefaultInstance(),
            List.of(),
            Driver.getDefaultInstance(),
            Optional.empty(),
            id,
            // Rests there: no step begins.
            TaskState.ACCEPTED,
            new WorkloadStatus(
                TaskState.ASSIGNED,
                "",
                "",
                Timestamp.getDefaultInstance(),
                Optional.empty(),
                List.of()),
            new Original(maker, ByteString.EMPTY)));
  }

  @BeforeEach
  void one_of_each() {
    table.assign(new WorkloadChanges("swarm", true, List.of(wanted("swarm", "s1"))));
    table.assign(new WorkloadChanges("docker", false, List.of(wanted("docker", "d1"))));
    assertThat(table.isEmpty("swarm")).isFalse();
    assertThat(table.isEmpty("docker")).isFalse();
  }

  @Test
  void a_complete_set_is_complete_for_its_maker() {
    table.assign(new WorkloadChanges("swarm", true, List.of()));
    assertThat(table.isEmpty("swarm")).isTrue();
    assertThat(table.isEmpty("docker")).isFalse();
  }

  @Test
  void a_set_that_is_not_complete_takes_nothing_back() {
    table.assign(new WorkloadChanges("swarm", false, List.of()));
    assertThat(table.isEmpty("swarm")).isFalse();
  }

  @Test
  void a_maker_changes_and_takes_back_only_its_own() {
    table.assign(
        new WorkloadChanges(
            "swarm", false, List.of(new WorkloadChanges.Withdrawn("d1"), wanted("swarm", "d1"))));
    assertThat(table.isEmpty("docker")).isFalse();
    table.assign(new WorkloadChanges("swarm", false, List.of(new WorkloadChanges.Withdrawn("s1"))));
    assertThat(table.isEmpty("swarm")).isTrue();
  }

  @Test
  void a_maker_that_leaves_takes_its_own_along() {
    table.unassignAll("docker");
    assertThat(table.isEmpty("docker")).isTrue();
    assertThat(table.isEmpty("swarm")).isFalse();
    table.unassignAll("swarm");
    assertThat(table.isEmpty()).isTrue();
  }
}
