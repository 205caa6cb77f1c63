package dev.hanse.agent.task;

import com.google.protobuf.Timestamp;
import dev.hanse.agent.workload.Workload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Notes what a table has done by others; each step is under way until the test ends it. */
final class NotedWork implements TaskTable.Work {
  final List<String> done = new ArrayList<>();
  boolean underWay;

  @Override
  public Timestamp now() {
    return Timestamp.getDefaultInstance();
  }

  @Override
  public void begin(TaskLife life, Step step) {
    underWay = true;
    done.add("begin " + step);
  }

  @Override
  public boolean breakOff(String taskId) {
    done.add("break off");
    return underWay;
  }

  @Override
  public boolean isWorking(String taskId) {
    return underWay;
  }

  @Override
  public void retryAfter(Duration pause, String taskId, Step step) {
    done.add("retry " + step);
  }

  @Override
  public Optional<ContainerView> observe(String containerId) {
    return Optional.empty();
  }

  @Override
  public Optional<HealthStatus> health(String containerId) {
    return Optional.empty();
  }

  @Override
  public void forgetHealth(String containerId) {}

  @Override
  public void changed(TaskLife life) {}

  @Override
  public void save(TaskLife life) {}

  @Override
  public void report(Workload workload) {}

  @Override
  public void withdraw(String taskId) {}

  @Override
  public void forgotten(TaskLife life) {
    done.add("forgotten");
  }
}
