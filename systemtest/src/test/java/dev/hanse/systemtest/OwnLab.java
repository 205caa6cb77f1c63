package dev.hanse.systemtest;

import dev.hanse.lab.Lab;
import dev.hanse.lab.LabPlan;

/** A lab for one test that breaks things; closing takes it down. */
record OwnLab(Lab lab) implements AutoCloseable {
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

  @Override
  public void close() {
    lab.down(progress -> {});
  }
}
