package dev.hanse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * A C function whose parameters and result are integers or pointers.
 *
 * <p>All functions share one native stub: six 64-bit parameters, a 64-bit result, {@code errno}
 * kept. In the calling conventions of Linux on x86-64 and AArch64 integer and pointer arguments
 * travel in registers, a callee ignores registers that it does not know, and the upper half of an
 * {@code int} argument is ignored, so one shape serves all; each further shape would cost start-up
 * time and memory in every daemon. The upper half of an {@code int} result is undefined, hence
 * {@link Result}.
 *
 * <p>Pointers are passed as numbers ({@link MemorySegment#address()}): the caller keeps the
 * segment's arena open during the call.
 */
public final class NativeFunction {
  /** How wide the C result is, and so how -1 is recognised. */
  public enum Result {
    /** A C {@code int}. */
    INT,
    /** A C {@code long}, {@code ssize_t} or pointer. */
    LONG
  }

  private static final int PARAMETERS_MAX = 6;
  private static final MethodHandle CALL =
      Linker.nativeLinker()
          .downcallHandle(
              FunctionDescriptor.of(
                  JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
              Linker.Option.captureCallState("errno"));

  private final MemorySegment address;
  private final Result result;

  private NativeFunction(MemorySegment address, Result result) {
    this.address = address;
    this.result = result;
  }

  /** The function of that name in the C library. */
  public static NativeFunction ofC(String name, Result result) {
    return of(Linker.nativeLinker().defaultLookup(), name, result);
  }

  /**
   * The function of that name in a library.
   *
   * @throws IllegalStateException if the library has no such function
   */
  public static NativeFunction of(SymbolLookup library, String name, Result result) {
    MemorySegment address =
        library
            .find(name)
            .orElseThrow(() -> new IllegalStateException("no native function " + name));
    return new NativeFunction(address, result);
  }

  /** Calls, and throws with the operation's name and errno's text when the result is -1. */
  public long call(String operation, long... arguments) {
    long outcome = attempt(arguments);
    if (outcome < 0) {
      throw new KernelException(operation, new Errno((int) -outcome));
    }
    return outcome;
  }

  /** Calls; a result of -1 becomes the negative errno, as in the kernel's own convention. */
  public long attempt(long... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = arena.allocate(JAVA_INT);
      long raw = invoke(errno, arguments);
      long value = result == Result.INT ? (int) raw : raw;
      return value == -1 ? -(long) errno.get(JAVA_INT, 0) : value;
    }
  }

  /** Calls and returns what the function returned, for functions that do not use errno. */
  public long value(long... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      long raw = invoke(arena.allocate(JAVA_INT), arguments);
      return result == Result.INT ? (int) raw : raw;
    }
  }

  private long invoke(MemorySegment errno, long[] given) {
    if (given.length > PARAMETERS_MAX) {
      throw new IllegalArgumentException("too many parameters: " + given.length);
    }
    try {
      return (long)
          CALL.invokeExact(
              address,
              errno,
              at(given, 0),
              at(given, 1),
              at(given, 2),
              at(given, 3),
              at(given, 4),
              at(given, 5));
    } catch (RuntimeException | Error fault) {
      throw fault;
    } catch (Throwable impossible) {
      throw new LinkageError("native call", impossible);
    }
  }

  private static long at(long[] given, int position) {
    return position < given.length ? given[position] : 0;
  }
}
