package dev.hanse.node;

import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.process.Supervisor;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the service manager, if there is one, how the daemon is: ready when the API answers, alive
 * as long as it is healthy, and about to stop.
 */
final class ServiceState implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceState.class);

  private final Optional<Supervisor> supervisor;
  private final BooleanSupplier healthy;
  private Optional<Thread> watchdog = Optional.empty();

  /**
   * For this process.
   *
   * @param healthy asked at least twice in each period of the watchdog; while it is false, or does
   *     not answer, the watchdog is not fed, and the service manager starts the daemon anew
   */
  ServiceState(Optional<Supervisor> supervisor, BooleanSupplier healthy) {
    this.supervisor = supervisor;
    this.healthy = healthy;
  }

  /** That of this process, by its environment. */
  static ServiceState ofProcess(BooleanSupplier healthy) {
    return new ServiceState(Supervisor.of(System.getenv(), ProcessHandle.current().pid()), healthy);
  }

  /** The API answers. */
  void ready() {
    tell("READY=1", "STATUS=answers the API");
    supervisor
        .flatMap(Supervisor::watchdog)
        .ifPresent(
            period ->
                watchdog =
                    Optional.of(
                        Thread.ofPlatform()
                            .daemon()
                            .name("watchdog")
                            .start(() -> feed(period.dividedBy(3)))));
  }

  private void feed(Duration pause) {
    boolean well = true;
    while (!Thread.currentThread().isInterrupted()) {
      boolean now = isHealthy();
      if (now) {
        tell("WATCHDOG=1");
      } else if (well) {
        LOG.error("the node is not healthy: the watchdog is not fed until it is");
      }
      well = now;
      try {
        Thread.sleep(pause);
      } catch (InterruptedException closed) {
        return;
      }
    }
  }

  private boolean isHealthy() {
    try {
      return healthy.getAsBoolean();
    } catch (RuntimeException fault) {
      LOG.error("asking for the node's health", fault);
      return false;
    }
  }

  /** The daemon stops. */
  @Override
  public void close() {
    watchdog.ifPresent(Thread::interrupt);
    tell("STOPPING=1", "STATUS=stops; containers run on");
  }

  private void tell(String... lines) {
    if (supervisor.isEmpty()) {
      return;
    }
    try {
      supervisor.get().tell(lines);
    } catch (KernelException deaf) {
      LOG.warn("{}: {}", lines[0], deaf.getMessage());
    }
  }
}
