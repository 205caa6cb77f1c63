package dev.hanse.kernel.namespace;

import java.io.IOException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** A program whose first channels are opened inside a namespace; prints where its threads are. */
final class FirstVisit {
  private FirstVisit() {}

  public static void main(String[] arguments) throws Exception {
    NetworkNamespace namespace = NetworkNamespace.create(Path.of(arguments[0]));
    try (DatagramChannel _ = namespace.<DatagramChannel, IOException>call(DatagramChannel::open);
        ServerSocketChannel _ =
            namespace.<ServerSocketChannel, IOException>call(ServerSocketChannel::open)) {
      IO.println(namespacesOfThreads().equals(Set.of(home())) ? "all at home" : "left inside");
    } finally {
      namespace.delete();
    }
  }

  static String home() throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
  }

  /** The network namespaces that threads of this program are in. */
  static Set<String> namespacesOfThreads() throws IOException {
    Set<String> found = new HashSet<>();
    try (var threads = Files.list(Path.of("/proc/self/task"))) {
      for (Path thread : threads.toList()) {
        try {
          found.add(Files.readSymbolicLink(thread.resolve("ns/net")).toString());
        } catch (NoSuchFileException _) {
          // The thread ended meanwhile.
        }
      }
    }
    return found;
  }
}
