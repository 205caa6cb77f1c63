package dev.hanse.agent.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.agent.workload.SwarmWorkloads;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong inside of the one thread that owns a node's networks. */
@Tag("attack")
class NetworkFaultsTest {
  @TempDir Path directory;
  private final Swarm swarm = new Swarm(1);
  private MeshLab lab;

  @BeforeEach
  void up() throws Exception {
    lab = new MeshLab(directory, 1);
  }

  @AfterEach
  void down() throws Exception {
    lab.close();
  }

  @Test
  void whatever_a_step_throws_the_next_is_taken() throws Exception {
    swarm.service(Swarm.BACK, "web", "10.0.1.200");
    CompletableFuture<Long> told = new CompletableFuture<>();
    lab.host(1)
        .loop
        .receive(
            swarm.message(),
            index -> {
              told.complete(index);
              throw new StackOverflowError("in the acknowledgement");
            },
            reason -> told.completeExceptionally(new AssertionError(reason)));
    assertThat(told.get(20, TimeUnit.SECONDS)).isPositive();
    lab.host(1).loop.repair();
    TaskNetwork network =
        lab.host(1).loop.attach(SwarmWorkloads.workload(swarm.task("web", 1, 1, 11)));
    assertThat(network.namespace()).isPresent();
  }

  private CompletableFuture<Void> starting() {
    return CompletableFuture.runAsync(
        () -> {
          try {
            lab.host(1).start();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void what_cannot_be_taken_over_at_the_start_is_tried_again_and_nothing_is_lost()
      throws Exception {
    TaskNetwork network =
        lab.host(1).loop.attach(SwarmWorkloads.workload(swarm.task("web", 1, 1, 11)));
    lab.host(1).loop.close();
    Path tasks = lab.host(1).directory.resolve("tasks");
    Path aside = lab.host(1).directory.resolve("aside");
    Files.move(tasks, aside);
    Files.createFile(tasks); // As a disk that is not there yet: it cannot be read.
    CompletableFuture<Void> started = starting();
    Eventually.holds("the fault is told", () -> !lab.host(1).loop.faults().isEmpty());
    Files.delete(tasks);
    Files.move(aside, tasks);
    started.get(20, TimeUnit.SECONDS);
    lab.host(1).loop.repair();
    assertThat(network.namespace().orElseThrow()).exists();
    assertThat(lab.host(1).loop.faults()).isEmpty();
  }

  @Test
  void who_waits_for_what_never_can_be_taken_over_is_told_why() throws Exception {
    lab.host(1).loop.close();
    Path tasks = lab.host(1).directory.resolve("tasks");
    Files.delete(tasks);
    Files.createFile(tasks);
    CompletableFuture<Void> started = starting();
    assertThatThrownBy(() -> started.get(60, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("cannot be taken over")
        .hasMessageContaining(lab.host(1).directory.toString());
    Files.delete(tasks);
    lab.host(1).start();
  }
}
