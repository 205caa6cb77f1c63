package dev.hanse.kernel.namespace;

import dev.hanse.kernel.Descriptors;
import dev.hanse.kernel.NativeFunction;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Runs one body on a platform thread of its own that may change its network namespace.
 *
 * <p>A network namespace belongs to a kernel thread, and a new kernel thread inherits that of its
 * creator. Two things could let other code run in the wrong namespace, and both are closed here:
 *
 * <ul>
 *   <li>a reused thread that did not find its way back: every visit has a new thread, which ends;
 *   <li>waking a virtual thread from inside: that may start a carrier thread, which would inherit
 *       the namespace for its whole life. So the visitor goes home <i>before</i> it makes its
 *       result known, and home is taken from the thread group's first thread, never from the
 *       creator.
 * </ul>
 */
final class NamespaceVisit<T> {
  /** What a visit does; may change the namespace of the thread it runs on. */
  interface Body<T> {
    T run() throws Throwable;
  }

  static final int CLONE_NEWNET = 0x40000000;

  private static final NativeFunction SETNS =
      NativeFunction.ofC("setns", NativeFunction.Result.INT);
  private static final int HOME =
      Descriptors.open(Path.of("/proc/self/ns/net"), Descriptors.O_RDONLY);

  private final Body<T> body;
  private @Nullable T result;
  private @Nullable Throwable failure;

  private NamespaceVisit(Body<T> body) {
    this.body = body;
  }

  /** Runs the body and returns its result or throws what it threw; not interruptible. */
  static <T> T run(Body<T> body) throws Throwable {
    NamespaceVisit<T> visit = new NamespaceVisit<>(body);
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name("namespace-visit")
            .inheritInheritableThreadLocals(false)
            .start(visit::visit);
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return visit.outcome();
  }

  /** Lets the calling thread enter a namespace. */
  static void enter(String operation, int namespace) {
    SETNS.call(operation, namespace, CLONE_NEWNET);
  }

  private void visit() {
    try {
      enter("enter the program's own network namespace", HOME);
      result = body.run();
    } catch (Throwable fault) {
      failure = fault;
    }
    try {
      enter("return to the program's own network namespace", HOME);
    } catch (Throwable fault) {
      failure = fault;
    }
  }

  @SuppressWarnings("NullAway") // a body may return null where its T allows it
  private T outcome() throws Throwable {
    Throwable thrown = failure;
    if (thrown != null) {
      thrown.addSuppressed(new IllegalStateException("called from " + Thread.currentThread()));
      throw thrown;
    }
    return result;
  }
}
