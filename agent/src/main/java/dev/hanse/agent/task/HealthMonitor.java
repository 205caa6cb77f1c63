package dev.hanse.agent.task;

import dev.hanse.health.FaultLog;
import dev.hanse.health.Health;
import dev.hanse.health.OwnerThread;
import dev.hanse.health.Turn;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containers.Containers;
import dev.hanse.runtime.process.ExecProcess;
import dev.hanse.runtime.process.ExecSettings;
import dev.hanse.runtime.process.ExitStatus;
import dev.hanse.runtime.process.OutputListener;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Probes containers until they are forgotten. One thread knows when the next probe of each is due;
 * the probes are made on virtual threads, one at a time for each container. A probe that cannot be
 * made has failed, whatever is the reason, and the next one follows.
 */
public final class HealthMonitor implements AutoCloseable {
  private static final int OUTPUT_BYTES_MAX = 4096;
  private static final int SIGKILL = 9;
  private static final int KILLED_PROBE_SECONDS_MAX = 5;

  private final Containers containers;
  private final ConcurrentMap<String, Watch> watches = new ConcurrentHashMap<>();
  private final DelayQueue<Watch> waiting = new DelayQueue<>();
  private final List<BiConsumer<String, HealthStatus>> listeners = new CopyOnWriteArrayList<>();
  private final FaultLog faults = new FaultLog("a container's probe");
  private final OwnerThread thread;

  /**
   * With the containers of this node.
   *
   * @param health of this node, which its thread reports to
   */
  public HealthMonitor(Health health, Containers containers) {
    this.containers = containers;
    this.thread =
        OwnerThread.named(health, "container probes")
            .virtual()
            .of(
                new Turn<Watch>() {
                  @Override
                  public Watch await() throws InterruptedException {
                    return waiting.take();
                  }

                  @Override
                  public void perform(Watch due) {
                    try {
                      due.begin();
                    } catch (RuntimeException | Error fault) {
                      due.next();
                      throw fault;
                    }
                  }
                })
            .start();
  }

  /**
   * Begins to probe a container that has just been started or adopted.
   *
   * @param started when its process began
   * @param changed told of each new verdict, on a thread of the probe
   */
  public void watch(
      String containerId, HealthCheck check, Instant started, Consumer<HealthStatus> changed) {
    Watch watch = new Watch(containerId, check, started, changed);
    Watch previous = watches.put(containerId, watch);
    if (previous != null) {
      previous.end();
    }
    watch.next();
  }

  /**
   * Has somebody told of each new verdict on a container, on a thread of its probe; must not block.
   *
   * @return ends that
   */
  public AutoCloseable subscribe(BiConsumer<String, HealthStatus> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** What is known of a container's health; empty when it is not probed. */
  public Optional<HealthRecord> record(String containerId) {
    return Optional.ofNullable(watches.get(containerId)).map(watch -> watch.record);
  }

  /** Ends the probes of a container. */
  public void forget(String containerId) {
    Watch watch = watches.remove(containerId);
    if (watch != null) {
      watch.end();
    }
  }

  /** Ends all probes. */
  @Override
  public void close() {
    thread.interruptAndEnd();
    watches.keySet().forEach(this::forget);
  }

  private final class Watch implements Delayed {
    private final String containerId;
    private final HealthCheck check;
    private final Instant started;
    private final Consumer<HealthStatus> changed;
    private volatile HealthRecord record = HealthRecord.INITIAL;
    private volatile long dueNanos;
    private boolean ended;
    private Optional<Thread> probing = Optional.empty();

    Watch(String containerId, HealthCheck check, Instant started, Consumer<HealthStatus> changed) {
      this.containerId = containerId;
      this.check = check;
      this.started = started;
      this.changed = changed;
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(dueNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }

    /** Has the next probe made when it is due, if there is to be one. */
    private synchronized void next() {
      if (!ended && record.health() != HealthStatus.UNHEALTHY) {
        dueNanos = System.nanoTime() + record.pause(check, started, Instant.now()).toNanos();
        waiting.add(this);
      }
    }

    private synchronized void begin() {
      if (!ended) {
        probing = Optional.of(Thread.ofVirtual().name("health-" + containerId).start(this::run));
      }
    }

    private synchronized boolean isEnded() {
      return ended;
    }

    private synchronized void end() {
      ended = true;
      waiting.remove(this);
      probing.ifPresent(Thread::interrupt);
    }

    private void run() {
      try {
        HealthStatus before = record.health();
        record = record.after(probe(), check, started);
        if (record.health() != before) {
          changed.accept(record.health());
          listeners.forEach(listener -> listener.accept(containerId, record.health()));
        }
      } catch (InterruptedException forgotten) {
        return; // The container has ended or is being stopped: nobody asks any more.
      } catch (RuntimeException | Error fault) {
        faults.log(fault);
      }
      next();
    }

    private HealthRecord.Probe probe() throws InterruptedException {
      Instant began = Instant.now();
      BoundedOutput output = new BoundedOutput();
      try {
        ExecProcess process =
            containers.exec(containerId, ExecSettings.of(check.command()), output);
        int code = await(process, output);
        return new HealthRecord.Probe(began, Instant.now(), code, output.text());
      } catch (RuntimeFault failure) {
        return new HealthRecord.Probe(
            began, Instant.now(), -1, String.valueOf(failure.getMessage()));
      } catch (RuntimeException | Error fault) {
        if (isEnded()) { // With it may end what it works with.
          throw new InterruptedException();
        }
        faults.log(fault);
        return new HealthRecord.Probe(began, Instant.now(), -1, fault.toString());
      }
    }

    private int await(ExecProcess process, BoundedOutput output) throws InterruptedException {
      try {
        ExitStatus status = process.exit().get(check.timeout().toMillis(), TimeUnit.MILLISECONDS);
        return status.code();
      } catch (TimeoutException tooLong) {
        output.prefix("Health check exceeded timeout (" + check.timeout().toMillis() + "ms)");
        endNow(process);
        return -1;
      } catch (ExecutionException failure) {
        output.prefix(String.valueOf(failure.getCause()));
        return -1;
      } catch (InterruptedException forgotten) {
        kill(process);
        throw forgotten;
      }
    }

    /** Dying probes must not pile up: the killed one is waited for, within bounds. */
    private void endNow(ExecProcess process) throws InterruptedException {
      kill(process);
      try {
        process.exit().get(KILLED_PROBE_SECONDS_MAX, TimeUnit.SECONDS);
      } catch (ExecutionException | TimeoutException unkillable) {
        // The next probe tells.
      }
    }

    private void kill(ExecProcess process) {
      try {
        process.kill(SIGKILL);
      } catch (RuntimeFault gone) {
        // It has ended by itself.
      }
    }
  }

  /** Keeps the beginning of what a probe writes. Written by the runtime's reader thread. */
  private static final class BoundedOutput implements OutputListener {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private String prefix = "";

    @Override
    public synchronized void output(Stream stream, ByteBuffer chunk) {
      byte[] kept = new byte[Math.min(chunk.remaining(), OUTPUT_BYTES_MAX - bytes.size())];
      chunk.get(kept);
      bytes.writeBytes(kept);
    }

    synchronized void prefix(String text) {
      prefix = text;
    }

    synchronized String text() {
      String output = bytes.toString(StandardCharsets.UTF_8);
      return prefix.isEmpty() || output.isEmpty() ? prefix + output : prefix + ": " + output;
    }
  }
}
