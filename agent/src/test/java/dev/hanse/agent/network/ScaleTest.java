package dev.hanse.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.model.PortConfig.Protocol;
import dev.hanse.model.Task;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Many tasks on one node: how long things take, each compared with another that was measured a
 * moment before. The factors allow for a busy machine.
 */
class ScaleTest {
  private static final Logger log = LoggerFactory.getLogger(ScaleTest.class);

  /** What a task costs must not grow with those that are there. */
  private static final int GROWTH_MAX = 5;

  /** A change of one port, or a look at everything, costs less than to start all tasks anew. */
  private static final int CHANGE_MAX = 50;

  private static final int STARTING_AT_ONCE = 8;
  private static final int REPAIRS = 10;

  private final Swarm swarm = new Swarm(2);
  private MeshLab lab;
  private NetworkLoop loop;

  @BeforeEach
  void up() throws Exception {
    swarm.service(Swarm.INGRESS, "web", "", Swarm.port(Protocol.TCP, 8080, 80));
    swarm.service(Swarm.BACK, "web", "10.0.1.250");
    lab = new MeshLab(Files.createTempDirectory("hanse-network-test"), 1, Duration.ofHours(1));
    loop = lab.host(1).loop;
    lab.sendToAll(swarm.message());
  }

  @AfterEach
  void down() throws Exception {
    lab.close();
  }

  @Test
  void fiftyTasksOneByOne() throws Exception {
    List<Long> nanoseconds = new ArrayList<>();
    for (int slot = 1; slot <= 50; slot++) {
      Task task = swarm.task("web", slot, 1, 10 + slot);
      nanoseconds.add(time(() -> loop.attach(SwarmWorkloads.workload(task))));
    }
    long first = median(nanoseconds.subList(5, 20));
    long last = median(nanoseconds.subList(35, 50));
    lab.sendToAll(swarm.message());
    swarm.service(
        Swarm.INGRESS,
        "web",
        "",
        Swarm.port(Protocol.TCP, 8080, 80),
        Swarm.port(Protocol.TCP, 8081, 80));
    long portChange = time(this::sendToAll);
    swarm.endpoint(Swarm.BACK, "web", 1, 1, "10.0.1.11", false);
    long endpointChange = time(this::sendToAll);
    loop.repair();
    long cpu = processorTime();
    long repairs =
        time(
            () -> {
              for (int turn = 0; turn < REPAIRS; turn++) {
                loop.repair();
              }
              return true;
            });
    cpu = (processorTime() - cpu) / REPAIRS;
    log.info(
        "attach: of the first {}, of the last {}; port change {}, endpoint change {}; repair {},"
            + " of it processor {} µs",
        first / 1000,
        last / 1000,
        portChange / 1000,
        endpointChange / 1000,
        repairs / REPAIRS / 1000,
        cpu / 1000);
    assertThat(last).isLessThan(GROWTH_MAX * first);
    assertThat(portChange).isLessThan(CHANGE_MAX * last);
    assertThat(cpu).isLessThan(CHANGE_MAX * last);
  }

  /** Eight at a time, and each is told to the node as soon as it runs. */
  @Test
  void aHundredTasksAtOnce() throws Exception {
    List<Long> oneByOne = new ArrayList<>();
    for (int slot = 101; slot <= 110; slot++) {
      Task task = swarm.task("web", slot, 1, 10 + slot);
      oneByOne.add(time(() -> loop.attach(SwarmWorkloads.workload(task))));
    }
    long alone = median(oneByOne);
    ConcurrentLinkedQueue<Long> attached = new ConcurrentLinkedQueue<>();
    long cpu = processorTime();
    long all =
        time(
            () -> {
              try (ExecutorService starters = Executors.newFixedThreadPool(STARTING_AT_ONCE)) {
                List<Future<Boolean>> tasks = new ArrayList<>();
                for (int slot = 1; slot <= 100; slot++) {
                  Task task = swarm.task("web", slot, 1, 10 + slot);
                  swarm.endpoint(Swarm.BACK, "web", slot, 1, "10.0.1." + (10 + slot), false);
                  tasks.add(starters.submit(() -> start(task, attached)));
                }
                for (Future<Boolean> task : tasks) {
                  task.get();
                }
              }
              return sendToAll();
            });
    log.info(
        "100 tasks, {} at once: {}, of it processor {} µs; attach: median {}, alone {} µs",
        STARTING_AT_ONCE,
        all / 1000,
        (processorTime() - cpu) / 1000,
        median(attached) / 1000,
        alone / 1000);
    assertThat(all).isLessThan(100L * GROWTH_MAX * alone);
  }

  private boolean start(Task task, ConcurrentLinkedQueue<Long> attached) throws Exception {
    attached.add(time(() -> loop.attach(SwarmWorkloads.workload(task))));
    int slot = Integer.parseInt(task.getId().substring("web-".length()));
    synchronized (swarm) {
      swarm.endpoint(Swarm.BACK, "web", slot, 1, "10.0.1." + (10 + slot), true);
      lab.host(1).send(swarm.message());
    }
    return true;
  }

  private boolean sendToAll() throws InterruptedException {
    lab.sendToAll(swarm.message());
    return true;
  }

  private static long median(Collection<Long> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
  }

  private static long time(Callable<?> work) throws Exception {
    long start = System.nanoTime();
    work.call();
    return System.nanoTime() - start;
  }

  /** Of the whole program, visits to namespaces included. */
  private static long processorTime() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }
}
