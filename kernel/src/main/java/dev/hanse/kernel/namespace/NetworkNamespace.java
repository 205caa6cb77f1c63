package dev.hanse.kernel.namespace;

import dev.hanse.kernel.Descriptors;
import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.NativeFunction;
import dev.hanse.kernel.file.AdvisoryLock;
import dev.hanse.kernel.file.OwnFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A network namespace, known by a file that stands for it: a bind mount as {@code ip netns} makes
 * them, or {@code /proc/PID/ns/net}. A value without resources: the file is opened for each use.
 *
 * @param path absolute path of the file
 */
public record NetworkNamespace(Path path) {
  /**
   * Work to be done inside a namespace.
   *
   * @param <T> what it returns
   * @param <X> the checked exception it throws, if any
   */
  @FunctionalInterface
  public interface Body<T, X extends Exception> {
    T run() throws X;
  }

  private static final long MS_BIND = 0x1000;
  private static final long MNT_DETACH = 2;
  private static final NativeFunction UNSHARE =
      NativeFunction.ofC("unshare", NativeFunction.Result.INT);
  private static final NativeFunction MOUNT =
      NativeFunction.ofC("mount", NativeFunction.Result.INT);
  private static final NativeFunction UMOUNT =
      NativeFunction.ofC("umount2", NativeFunction.Result.INT);

  public NetworkNamespace {
    if (!path.isAbsolute()) {
      throw new IllegalArgumentException("path of a namespace must be absolute: " + path);
    }
  }

  /** The namespace that this program was started in. */
  public static NetworkNamespace current() {
    return ofProcess(ProcessHandle.current().pid());
  }

  /** The namespace of a running process. */
  public static NetworkNamespace ofProcess(long pid) {
    return new NetworkNamespace(Path.of("/proc/" + pid + "/ns/net"));
  }

  /**
   * Takes the namespace for this process, as far as others ask for the same; it ends with the
   * process. Empty if another has it.
   *
   * @throws KernelException if there is no such namespace
   */
  public Optional<AdvisoryLock> lock() throws IOException {
    return AdvisoryLock.acquire(path, Descriptors.O_RDONLY);
  }

  /**
   * An existing namespace.
   *
   * @throws KernelException if nothing is there, or a file that is no namespace (left by a reboot)
   */
  public static NetworkNamespace at(Path path) {
    NetworkNamespace namespace = new NetworkNamespace(path);
    namespace.call(() -> namespace);
    return namespace;
  }

  /**
   * Makes a namespace with its {@code lo} up and binds it to that path; missing directories are
   * made. A plain file at the path (what a reboot leaves of a namespace) is replaced.
   *
   * @throws KernelException with EEXIST if a namespace is already there
   */
  public static NetworkNamespace create(Path path) {
    NetworkNamespace namespace = new NetworkNamespace(path);
    String operation = "create network namespace " + path;
    try {
      OwnFiles.directoryOf(path, OwnFiles.OWNER);
      createFile(operation, namespace);
      try {
        visit(
            () -> {
              UNSHARE.call(operation, NamespaceVisit.CLONE_NEWNET);
              LoopbackInterface.up();
              bind(operation, Path.of("/proc/thread-self/ns/net"), path);
              return namespace;
            });
      } catch (RuntimeException fault) {
        Files.deleteIfExists(path);
        throw fault;
      }
    } catch (IOException fault) {
      throw new UncheckedIOException(operation + ": " + fault, fault);
    }
    return namespace;
  }

  private static void createFile(String operation, NetworkNamespace namespace) throws IOException {
    try {
      OwnFiles.create(namespace.path);
    } catch (FileAlreadyExistsException _) {
      if (namespace.exists()) {
        throw new KernelException(operation, Errno.EEXIST);
      }
      Files.delete(namespace.path);
      OwnFiles.create(namespace.path);
    }
  }

  private static void bind(String operation, Path source, Path target) {
    try (Arena arena = Arena.ofConfined()) {
      MOUNT.call(
          operation,
          arena.allocateFrom(source.toString()).address(),
          arena.allocateFrom(target.toString()).address(),
          MemorySegment.NULL.address(),
          MS_BIND);
    }
  }

  /** Whether a namespace is there: false for no file and for a plain file. */
  public boolean exists() {
    if (!Files.exists(path)) {
      return false;
    }
    try {
      return call(() -> true);
    } catch (KernelException _) {
      return false;
    }
  }

  /** The kernel's number of the namespace: equal for two paths of the same namespace. */
  public long id() {
    try {
      return (Long) Files.getAttribute(path, "unix:ino");
    } catch (IOException fault) {
      throw new UncheckedIOException("identify network namespace " + path, fault);
    }
  }

  /**
   * Runs the body on a platform thread inside the namespace and waits for it. Sockets and channels
   * opened inside belong to the namespace for good; binding, connecting and using them works from
   * any thread afterwards.
   *
   * <p>The body opens channels, reads files under {@code /proc/sys/net} or makes system calls, and
   * is short. It must not start threads or wake virtual threads (complete futures, release
   * contended locks, log): a thread born inside stays inside.
   *
   * @throws KernelException if the namespace cannot be entered
   */
  public <T, X extends Exception> T call(Body<T, X> body) throws X {
    return visit(
        () -> {
          int descriptor = openDescriptor();
          try {
            NamespaceVisit.enter("enter network namespace " + path, descriptor);
          } finally {
            Descriptors.close(descriptor);
          }
          return body.run();
        });
  }

  /** Opens a descriptor of the namespace, for system calls that take one; the caller closes it. */
  public int openDescriptor() {
    return Descriptors.open(path, Descriptors.O_RDONLY);
  }

  /**
   * Removes the name. The kernel frees the namespace, with its interfaces, when the last process
   * and socket in it is gone. Nothing happens if there is no such file.
   */
  public void delete() {
    try (Arena arena = Arena.ofConfined()) {
      long target = arena.allocateFrom(path.toString()).address();
      long outcome;
      do {
        // Mounts may lie over each other; EINVAL at last: a plain file, nothing is mounted there.
        outcome = UMOUNT.attempt(target, MNT_DETACH);
      } while (outcome == 0);
      Files.deleteIfExists(path);
    } catch (IOException fault) {
      throw new UncheckedIOException("delete network namespace " + path, fault);
    }
  }

  @SuppressWarnings("unchecked") // a body throws unchecked exceptions or its X, nothing else
  private static <T, X extends Exception> T visit(NamespaceVisit.Body<T> body) throws X {
    try {
      return NamespaceVisit.run(body);
    } catch (RuntimeException | Error fault) {
      throw fault;
    } catch (Throwable fault) {
      throw (X) fault;
    }
  }
}
