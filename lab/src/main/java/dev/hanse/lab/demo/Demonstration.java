package dev.hanse.lab.demo;

import dev.hanse.lab.Directories;
import dev.hanse.lab.HostState;
import dev.hanse.lab.Lab;
import dev.hanse.lab.LabPlan;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * The textbook case of a swarm, shown and checked: five hosts, a service of three tasks, its
 * published port asked on all five; then a port more without a restart of any task.
 */
public final class Demonstration {
  /** The name of the demo's lab. */
  public static final String LAB = "demo";

  private static final int WORKERS = 4;
  private static final int REPLICAS = 3;
  private static final int FIRST_PORT = 8080;
  private static final int ADDED_PORT = 8081;

  private final Directories directories;
  private final PrintStream out;
  private final long start = System.nanoTime();

  /** A demonstration that writes to {@code out}. */
  public Demonstration(Directories directories, PrintStream out) {
    this.directories = directories;
    this.out = out;
  }

  /** Shows everything and leaves the lab up; true when all was as it should be. */
  public boolean run() throws IOException {
    Lab lab = Lab.up(directories, LabPlan.of(LAB, 1, WORKERS), this::step);
    WebService web = new WebService(lab);
    step(
        "loading the image "
            + WebService.IMAGE
            + " (made from this machine's busybox) on all hosts");
    web.loadImages();
    step("creating the service web: " + REPLICAS + " tasks, port 80 published on " + FIRST_PORT);
    web.create(REPLICAS);
    web.awaitRunning(REPLICAS);
    List<RunningTask> before = web.tasks();

    step("asking port " + FIRST_PORT + " of every host, from " + lab.machine());
    MeshTable first = MeshTable.ask(lab.hosts(), before, FIRST_PORT);
    out.print("\n" + first.text() + "\n");

    step("docker service update --publish-add published=" + ADDED_PORT + ",target=80 web");
    web.addPort(ADDED_PORT);
    MeshTable second = MeshTable.ask(lab.hosts(), before, ADDED_PORT);
    out.print("\n" + second.text() + "\n");
    List<RunningTask> after = web.tasks();
    boolean untouched = before.equals(after);
    showTasks(before, after, untouched);

    boolean right = first.right() && second.right() && untouched;
    showWhatNext(lab);
    out.println(
        right ? "All as it should be, in " + elapsed() + "." : "Something is WRONG, see above.");
    return right;
  }

  private void showTasks(List<RunningTask> before, List<RunningTask> after, boolean untouched) {
    out.println(
        untouched
            ? "The same tasks run as before the update, none was restarted:"
            : "WRONG: the tasks changed during the update. They were " + before + " and are now:");
    for (RunningTask task : after) {
      out.println(
          "  "
              + task.name()
              + " on "
              + task.host()
              + ", container "
              + task.containerHostname()
              + ", process "
              + task.pid()
              + ", since "
              + task.startedAt());
    }
    out.println();
  }

  private void showWhatNext(Lab lab) {
    HostState manager = lab.hosts().getFirst();
    HostState other = lab.hosts().getLast();
    out.println("The lab stays up. To go on playing with the docker command line:");
    out.println("  export DOCKER_HOST=" + manager.dockerHost());
    out.println("  docker node ls");
    out.println("  docker service ps web");
    out.println("  docker service scale web=6");
    out.println("  docker service logs -f web");
    out.println("  curl http://" + other.address() + ":" + ADDED_PORT);
    out.println("  bin/hanse lab exec --name " + LAB + " " + other.name() + " -- docker ps");
    out.println("and to remove it:");
    out.println("  bin/hanse demo --down");
    out.println();
  }

  private void step(String what) {
    out.println(String.format(Locale.ROOT, "[%5.1f s] ", seconds()) + what);
    out.flush();
  }

  private double seconds() {
    return Duration.ofNanos(System.nanoTime() - start).toMillis() / 1000.0;
  }

  private String elapsed() {
    return String.format(Locale.ROOT, "%.1f s", seconds());
  }
}
