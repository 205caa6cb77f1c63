package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.lab.HostState;
import dev.hanse.lab.Lab;
import dev.hanse.lab.LabPlan;
import java.time.Duration;

/** A lab for one test that breaks things; closing takes it down. */
record OwnLab(Lab lab) implements AutoCloseable {
  private static final Duration REPAIR_LIMIT = Duration.ofSeconds(60);

  static OwnLab of(String name, int managers, int workers) {
    return of(LabPlan.of(SharedLab.name(name), managers, workers));
  }

  static OwnLab of(LabPlan plan) {
    return new OwnLab(SharedLab.make(plan));
  }

  DockerCommand docker() {
    return new DockerCommand(lab, "host1");
  }

  Services services() {
    return new Services(lab);
  }

  /** Whole again after a story, also after one that failed half way. */
  void repair() {
    for (HostState host : lab.hosts()) {
      lab.heal(host.name());
      if (!lab.docker(host.name()).answers()) {
        lab.restart(host.name());
      }
    }
  }

  /** Repairs the hosts, waits until all nodes are ready and removes all services. */
  void repairAndRemoveServices() {
    repair();
    eventually(
        REPAIR_LIMIT,
        () ->
            assertThat(docker().run("node", "ls", "--format", "{{.Status}}").lines())
                .containsOnly("Ready"));
    docker().run("service", "ls", "-q").lines().forEach(id -> docker().run("service", "rm", id));
  }

  @Override
  public void close() {
    lab.down(progress -> {});
  }
}
