package dev.hanse.sim.world;

import dev.hanse.agent.task.ContainerView;
import dev.hanse.agent.task.HealthStatus;
import dev.hanse.sim.time.Timeline;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * The containers of one host, which outlive its daemon but not its power. How one behaves is in its
 * image's name: "crash" fails some seconds after its start, "once" ends well; others run on.
 */
public final class Containers {
  private static final int KILLED = 137;

  private final Timeline timeline;
  private final RandomGenerator random;
  private final Map<String, Container> byId = new TreeMap<>();
  private Consumer<String> exited = id -> {};
  private int processes;

  private static final class Container {
    private final String image;
    private int process;
    private int exitCode;
    private State state = State.CREATED;

    Container(String image) {
      this.image = image;
    }
  }

  private enum State {
    CREATED,
    RUNNING,
    EXITED
  }

  Containers(Timeline timeline, RandomGenerator random) {
    this.timeline = timeline;
    this.random = random;
  }

  /** Who is told of exits from now on. */
  void watch(Consumer<String> listener) {
    exited = listener;
  }

  ContainerView view(String id, boolean watched) {
    Container container = byId.get(id);
    if (container == null) {
      return new ContainerView.Absent();
    }
    return switch (container.state) {
      case CREATED -> new ContainerView.Created();
      case RUNNING -> new ContainerView.Running(container.process, HealthStatus.NONE, watched);
      case EXITED -> new ContainerView.Exited(container.exitCode, false, HealthStatus.NONE);
    };
  }

  void create(String id, String image) {
    byId.putIfAbsent(id, new Container(image));
  }

  void start(String id) {
    Container container = byId.get(id);
    if (container == null || container.state != State.CREATED) {
      return;
    }
    container.state = State.RUNNING;
    container.process = ++processes;
    boolean crashes = container.image.startsWith("crash");
    if (crashes || container.image.startsWith("once")) {
      int process = container.process;
      timeline.after(
          random.nextLong(Timeline.SECOND / 10, 5 * Timeline.SECOND),
          () -> end(id, process, crashes ? 1 : 0));
    }
  }

  private void end(String id, int process, int code) {
    Container container = byId.get(id);
    if (container != null && container.process == process && container.state == State.RUNNING) {
      container.state = State.EXITED;
      container.exitCode = code;
      exited.accept(id);
    }
  }

  void stop(String id) {
    Container container = byId.get(id);
    if (container != null) {
      end(id, container.process, KILLED);
    }
  }

  void remove(String id) {
    byId.remove(id);
  }

  /** Removes all others. */
  void keepOnly(Collection<String> ids) {
    byId.keySet().retainAll(ids);
  }

  /** The host's power fails: nothing runs any more. */
  void powerOff() {
    byId.values()
        .forEach(
            container -> {
              if (container.state == State.RUNNING) {
                container.state = State.EXITED;
                container.exitCode = KILLED;
              }
            });
  }

  /** The ids of all containers, those that have ended included. */
  public List<String> ids() {
    return List.copyOf(byId.keySet());
  }

  /** The ids of the containers that run. */
  public List<String> running() {
    List<String> ids = new ArrayList<>();
    byId.forEach(
        (id, container) -> {
          if (container.state == State.RUNNING) {
            ids.add(id);
          }
        });
    return ids;
  }

  /** A process fails by itself. */
  public void crash(String id) {
    Container container = byId.get(id);
    if (container != null) {
      end(id, container.process, 1);
    }
  }
}
