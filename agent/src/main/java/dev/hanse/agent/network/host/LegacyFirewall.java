package dev.hanse.agent.network.host;

import dev.hanse.health.Health;
import dev.hanse.health.Looks;
import dev.hanse.health.OwnerThread;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.process.LimitedProcess;
import dev.hanse.network.KernelNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel's old packet filter, which nftables does not show: our rules at its FORWARD chain, as
 * {@link ForeignFirewalls} has them elsewhere. Only its own program can change it, which may hang:
 * so a thread of its own runs that, and no longer than {@link #LIMIT}.
 */
final class LegacyFirewall {
  private static final Logger log = LoggerFactory.getLogger(LegacyFirewall.class);
  private static final Path TABLES = Path.of("/proc/thread-self/net/ip_tables_names");
  private static final String PROGRAM = "iptables-legacy";
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** It looks when it is told to, and else hardly ever. */
  private static final Duration IDLE = Duration.ofHours(1);

  private static final int NOT_FOUND = 127;
  private static final int OUTPUT_BYTES_MAX = 4096;

  /** What the thread is to do next. */
  private enum Wish {
    NOTHING,
    OPEN,
    CLOSE
  }

  private final NetworkNamespace host;
  private final String program;
  private final AtomicReference<Wish> wish = new AtomicReference<>(Wish.NOTHING);
  private final Looks looks = new Looks(this::look);
  private final OwnerThread thread;
  private volatile boolean missing;

  LegacyFirewall(Health health, NetworkNamespace host) {
    this(health, host, PROGRAM);
  }

  LegacyFirewall(Health health, NetworkNamespace host, String program) {
    this.host = host;
    this.program = program;
    this.thread = OwnerThread.named(health, "legacy firewall").of(looks).start();
  }

  /** Inserts what is missing, some time soon. */
  void open() {
    want(Wish.OPEN);
  }

  /** Takes our rules out again, some time soon; they may be wanted anew. */
  void close() {
    want(Wish.CLOSE);
  }

  private void want(Wish next) {
    wish.set(next);
    looks.wake();
  }

  private Duration look() throws InterruptedException {
    Wish next = wish.get();
    switch (next) {
      case NOTHING -> {}
      case OPEN -> insert();
      case CLOSE -> delete();
    }
    // Only what is done is forgotten: after a fault it is tried again, and a newer wish stays.
    wish.compareAndSet(next, Wish.NOTHING);
    return IDLE;
  }

  private void insert() throws InterruptedException {
    if (isInUse()) {
      for (String direction : List.of("-i", "-o")) {
        if (!run("-C", direction)) {
          run("-I", direction);
        }
      }
    }
  }

  /** Leaves everything as it is. */
  void release() {
    thread.close();
  }

  /** Ends and takes our rules out, which is done when this returns. */
  void remove() throws InterruptedException {
    release();
    delete();
  }

  private void delete() throws InterruptedException {
    if (isInUse()) {
      for (String direction : List.of("-i", "-o")) {
        boolean more = run("-C", direction);
        while (more) {
          more = run("-D", direction) && run("-C", direction);
        }
      }
    }
  }

  /** Asking the program would load the kernel's modules. */
  private boolean isInUse() {
    if (missing) {
      return false;
    }
    try {
      return host.call(
          () ->
              Files.exists(TABLES) && Files.readString(TABLES).lines().anyMatch("filter"::equals));
    } catch (IOException fault) {
      throw new UncheckedIOException("read " + TABLES, fault);
    }
  }

  /** Runs the program on our rule of a direction; true when it succeeds. */
  private boolean run(String operation, String direction) throws InterruptedException {
    List<String> command =
        List.of(
            "nsenter",
            "--net=" + host.path(),
            program,
            "-w",
            "5",
            operation,
            "FORWARD",
            direction,
            KernelNames.BRIDGE_PREFIX + "+",
            "-m",
            "comment",
            "--comment",
            ForeignFirewalls.COMMENT,
            "-j",
            "ACCEPT");
    try {
      LimitedProcess.Outcome outcome =
          LimitedProcess.run(
              new ProcessBuilder(command).redirectErrorStream(true), LIMIT, OUTPUT_BYTES_MAX);
      if (outcome.isOverdue()) {
        log.warn("{} {} has not ended in {}", program, operation, LIMIT);
        return false;
      }
      int code = outcome.code().getAsInt();
      if (code == NOT_FOUND) {
        missing = true;
        log.warn(
            "the kernel has a filter of {}, which is not installed: {}",
            program,
            outcome.text().strip());
      } else if (code != 0 && !operation.equals("-C")) {
        log.warn("{} {} failed: {}", program, operation, outcome.text().strip());
      }
      return code == 0;
    } catch (IOException fault) {
      missing = true;
      log.warn("cannot run {}: {}", program, fault.toString());
      return false;
    }
  }
}
