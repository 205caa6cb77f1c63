package dev.hanse.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.lab.Lab;
import dev.hanse.lab.client.DockerClient;
import dev.hanse.lab.client.DockerException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * Writers that update one service through several managers at once, and the check whether what they
 * were told is linearizable (Herlihy and Wing, 1990).
 *
 * <p>An update names the version that it stands on, so the service is a register with compare and
 * set. Each update labels the service with its own name; whoever updates next knows so what it has
 * replaced. From the last label back to the first that makes a chain: the only order in which the
 * updates can have happened.
 */
final class VersionedWrites implements AutoCloseable {
  private static final String LABEL = "written-by";
  private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();

  /** What a writer was told. */
  enum Outcome {
    DONE,
    REFUSED,
    UNKNOWN
  }

  /**
   * One update.
   *
   * @param replaced the name of the update before, as the writer had read it; "" for none
   * @param begin when it was asked for, in ns
   * @param end when the answer came, in ns
   */
  record Write(String name, String replaced, long begin, long end, Outcome outcome) {}

  private final Lab lab;
  private final String service;
  private final List<Thread> writers = new ArrayList<>();
  private final ConcurrentLinkedQueue<Write> history = new ConcurrentLinkedQueue<>();
  private volatile boolean closed;

  /** Begins to write, through each of the managers. */
  VersionedWrites(Lab lab, String service, List<String> managers) {
    this.lab = lab;
    this.service = service;
    for (String manager : managers) {
      writers.add(Thread.ofVirtual().start(() -> run(manager)));
    }
  }

  private void run(String manager) {
    DockerClient docker = lab.docker(manager);
    for (int number = 1; !closed; number++) {
      try {
        write(docker, manager + "-" + number);
      } catch (IOException notRead) {
        // Nothing was asked for: the manager is down.
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private void write(DockerClient docker, String name) throws IOException {
    JsonNode read = docker.get("/services/" + service);
    String replaced = label(read);
    ObjectNode spec = read.path("Spec").deepCopy();
    spec.withObject("/Labels").put(LABEL, name);
    long begin = System.nanoTime();
    Outcome outcome;
    try {
      docker.post(
          "/services/" + service + "/update?version=" + read.at("/Version/Index").asLong(), spec);
      outcome = Outcome.DONE;
    } catch (DockerException refusal) {
      boolean stale = String.valueOf(refusal.getMessage()).contains("update out of sequence");
      outcome = stale ? Outcome.REFUSED : Outcome.UNKNOWN;
    } catch (IOException broken) {
      outcome = Outcome.UNKNOWN;
    }
    history.add(new Write(name, replaced, begin, System.nanoTime(), outcome));
  }

  private static String label(JsonNode service) {
    return service.at("/Spec/Labels/" + LABEL).asText("");
  }

  /** How many updates were acknowledged so far. */
  long done() {
    return history.stream().filter(write -> write.outcome() == Outcome.DONE).count();
  }

  /** Ends when the last answer has come. */
  @Override
  public void close() throws InterruptedException {
    closed = true;
    for (Thread writer : writers) {
      writer.join();
    }
  }

  /** Checks the whole history against what a manager shows in the end; after {@link #close}. */
  void check(DockerClient docker) throws IOException {
    check(List.copyOf(history), label(docker.get("/services/" + service)));
  }

  static void check(List<Write> history, String last) {
    Map<String, Write> byName = new HashMap<>();
    history.forEach(write -> byName.put(write.name(), write));
    List<Write> chain = new ArrayList<>();
    for (String name = last; !name.isEmpty(); ) {
      assertThat(byName).as("%s was written by nobody", name).containsKey(name);
      Write write = Objects.requireNonNull(byName.get(name));
      assertThat(write.outcome()).as("refused, and there: %s", write).isNotEqualTo(Outcome.REFUSED);
      chain.add(write);
      assertThat(chain).as("a circle").hasSizeLessThanOrEqualTo(history.size());
      name = write.replaced();
    }
    Collections.reverse(chain);
    List<Write> done = history.stream().filter(write -> write.outcome() == Outcome.DONE).toList();
    assertThat(chain).as("acknowledged, and lost").containsAll(done);
    long latestBegin = Long.MIN_VALUE;
    for (Write write : chain) {
      boolean inTime = write.outcome() != Outcome.DONE || write.end() >= latestBegin;
      assertThat(inTime).as("%s had its answer before one that it follows began", write).isTrue();
      latestBegin = Math.max(latestBegin, write.begin());
    }
  }
}
