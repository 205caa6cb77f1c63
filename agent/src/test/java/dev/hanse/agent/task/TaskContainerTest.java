package dev.hanse.agent.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Task;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What a task's container gets of its specification. */
class TaskContainerTest {
  private static OptionalLong sharedMemory(long bytes) {
    ContainerSpec spec = ContainerSpec.newBuilder().setShmBytes(bytes).build();
    return TaskContainer.settings(
            SwarmWorkloads.workload(Task.getDefaultInstance()), spec, "id", "image")
        .build()
        .shmSizeBytes();
  }

  @Test
  void shared_memory_is_as_large_as_the_service_says() {
    assertThat(sharedMemory(1 << 20)).hasValue(1 << 20);
    assertThat(sharedMemory(0)).as("the runtime's default").isEmpty();
  }
}
