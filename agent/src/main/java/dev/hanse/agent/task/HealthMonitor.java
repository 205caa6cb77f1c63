package dev.hanse.agent.task;

import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containers.Containers;
import dev.hanse.runtime.containers.ExecProcess;
import dev.hanse.runtime.containers.ExecSettings;
import dev.hanse.runtime.containers.ExitStatus;
import dev.hanse.runtime.containers.OutputListener;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Probes containers, each on a virtual thread of its own, until they are forgotten. */
public final class HealthMonitor implements AutoCloseable {
  private static final int OUTPUT_BYTES_MAX = 4096;
  private static final int SIGKILL = 9;
  private static final int KILLED_PROBE_SECONDS_MAX = 5;

  private final Containers containers;
  private final ConcurrentMap<String, Watch> watches = new ConcurrentHashMap<>();

  /** With the containers of this node. */
  public HealthMonitor(Containers containers) {
    this.containers = containers;
  }

  /**
   * Begins to probe a container that has just been started or adopted.
   *
   * @param started when its process began
   * @param changed told of each new verdict, on the probing thread
   */
  public void watch(
      String containerId, HealthCheck check, Instant started, Consumer<Health> changed) {
    Watch watch = new Watch(containerId, check, started, changed);
    Watch previous = watches.put(containerId, watch);
    if (previous != null) {
      previous.thread.interrupt();
    }
    watch.thread.start();
  }

  /** What is known of a container's health; empty when it is not probed. */
  public Optional<HealthRecord> record(String containerId) {
    return Optional.ofNullable(watches.get(containerId)).map(watch -> watch.record);
  }

  /** Ends the probes of a container. */
  public void forget(String containerId) {
    Watch watch = watches.remove(containerId);
    if (watch != null) {
      watch.thread.interrupt();
    }
  }

  /** Ends all probes. */
  @Override
  public void close() {
    watches.keySet().forEach(this::forget);
  }

  private final class Watch {
    private final String containerId;
    private final HealthCheck check;
    private final Instant started;
    private final Consumer<Health> changed;
    private final Thread thread;
    private volatile HealthRecord record = HealthRecord.INITIAL;

    Watch(String containerId, HealthCheck check, Instant started, Consumer<Health> changed) {
      this.containerId = containerId;
      this.check = check;
      this.started = started;
      this.changed = changed;
      this.thread = Thread.ofVirtual().name("health-" + containerId).unstarted(this::run);
    }

    private void run() {
      try {
        while (record.health() != Health.UNHEALTHY) {
          Thread.sleep(record.pause(check, started, Instant.now()));
          Health before = record.health();
          record = record.after(probe(), check, started);
          if (record.health() != before) {
            changed.accept(record.health());
          }
        }
      } catch (InterruptedException forgotten) {
        // The container has ended or is being stopped: nobody asks any more.
      }
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
