package dev.hanse.kernel.nftables;

import dev.hanse.kernel.NativeFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Optional;

/**
 * One context of libnftables, used by one thread. Its sockets belong to that thread's namespace.
 */
final class LibraryContext implements AutoCloseable {
  private static final String LIBRARY = "libnftables.so.1";
  private static final int OUTPUT_JSON = 1 << 4;

  /** The library's functions, looked up when first needed. */
  private record Functions(
      NativeFunction create,
      NativeFunction free,
      NativeFunction bufferOutput,
      NativeFunction bufferError,
      NativeFunction output,
      NativeFunction error,
      NativeFunction setFlags,
      NativeFunction run) {
    static final Optional<Functions> FOUND = load();

    private static Optional<Functions> load() {
      SymbolLookup library;
      try {
        library = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
      } catch (IllegalArgumentException _) {
        return Optional.empty();
      }
      return Optional.of(
          new Functions(
              NativeFunction.of(library, "nft_ctx_new", NativeFunction.Result.LONG),
              NativeFunction.of(library, "nft_ctx_free", NativeFunction.Result.INT),
              NativeFunction.of(library, "nft_ctx_buffer_output", NativeFunction.Result.INT),
              NativeFunction.of(library, "nft_ctx_buffer_error", NativeFunction.Result.INT),
              NativeFunction.of(library, "nft_ctx_get_output_buffer", NativeFunction.Result.LONG),
              NativeFunction.of(library, "nft_ctx_get_error_buffer", NativeFunction.Result.LONG),
              NativeFunction.of(library, "nft_ctx_output_set_flags", NativeFunction.Result.INT),
              NativeFunction.of(library, "nft_run_cmd_from_filename", NativeFunction.Result.INT)));
    }
  }

  private final Functions functions;
  private final long context;

  private LibraryContext(Functions functions, long context) {
    this.functions = functions;
    this.context = context;
  }

  /** Why the library cannot be used, if it cannot. */
  static Optional<String> missing() {
    return Functions.FOUND.isPresent()
        ? Optional.empty()
        : Optional.of(LIBRARY + " cannot be loaded: install the package nftables");
  }

  static LibraryContext open(boolean json) {
    Functions functions = Functions.FOUND.orElseThrow();
    long context = functions.create.value(0);
    if (context == 0) {
      throw new NftablesException("libnftables could not make a context");
    }
    LibraryContext opened = new LibraryContext(functions, context);
    if (functions.bufferOutput.value(context) != 0 || functions.bufferError.value(context) != 0) {
      opened.close();
      throw new NftablesException("libnftables could not make its buffers");
    }
    opened.json(json);
    return opened;
  }

  /** Whether listings are in JSON from now on. */
  void json(boolean wanted) {
    functions.setFlags.value(context, wanted ? OUTPUT_JSON : 0);
  }

  /**
   * Performs commands and returns their output. They are given as a file, in memory: for a buffer
   * the library's messages quote the first line in place of the wrong one, without its number.
   */
  String run(String command) {
    try (Arena arena = Arena.ofConfined();
        MemoryFile file = MemoryFile.of(command)) {
      long outcome = functions.run.value(context, arena.allocateFrom(file.path()).address());
      if (outcome != 0) {
        String explanation = text(functions.error.value(context)).strip();
        throw new NftablesException(explanation.replace(file.path(), "nftables"));
      }
      return text(functions.output.value(context));
    }
  }

  private static String text(long address) {
    return address == 0
        ? ""
        : MemorySegment.ofAddress(address).reinterpret(Integer.MAX_VALUE).getString(0);
  }

  @Override
  public void close() {
    functions.free.value(context);
  }
}
