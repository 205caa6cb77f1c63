package dev.hanse.kernel.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.kernel.KernelException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkNamespaceTest {
  private static final Path OWN = Path.of("/proc/thread-self/ns/net");

  @TempDir Path directory;

  private static String ownNamespace() throws IOException {
    return Files.readSymbolicLink(OWN).toString();
  }

  @Test
  void socketsOpenedInsideBelongToTheNamespace() throws Exception {
    NetworkNamespace namespace = NetworkNamespace.create(directory.resolve("a"));
    try (ServerSocketChannel inside =
            namespace.<ServerSocketChannel, IOException>call(ServerSocketChannel::open);
        ServerSocketChannel outside = ServerSocketChannel.open()) {
      outside.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      // lo is up inside, and the port that is taken outside is free there.
      inside.bind(outside.getLocalAddress());
      assertThat(
              namespace.<String, IOException>call(
                  () -> Files.readString(Path.of("/proc/thread-self/net/tcp6"))))
          .contains("0100007F:%04X".formatted(inside.socket().getLocalPort()));
    } finally {
      namespace.delete();
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aNamespaceIsFoundAgainByItsPathUntilItIsDeleted() throws Exception {
    Path path = directory.resolve("below/a");
    NetworkNamespace namespace = NetworkNamespace.create(path);
    assertThat(namespace.exists()).isTrue();
    assertThat(NetworkNamespace.at(path).id())
        .isEqualTo(namespace.id())
        .isNotEqualTo(NetworkNamespace.current().id());
    assertThatThrownBy(() -> NetworkNamespace.create(path))
        .isInstanceOfSatisfying(
            KernelException.class, thrown -> assertThat(thrown.alreadyExists()).isTrue());
    namespace.delete();
    namespace.delete();
    assertThat(namespace.exists()).isFalse();
    assertThatThrownBy(() -> NetworkNamespace.at(path))
        .isInstanceOfSatisfying(
            KernelException.class, thrown -> assertThat(thrown.notFound()).isTrue());
  }

  @Test
  void whatARebootLeavesIsNoNamespaceAndIsReplaced() throws Exception {
    Path path = Files.createFile(directory.resolve("left"));
    assertThatThrownBy(() -> NetworkNamespace.at(path))
        .hasMessage("enter network namespace " + path + ": Invalid argument");
    NetworkNamespace namespace = NetworkNamespace.create(path);
    assertThat(namespace.exists()).isTrue();
    namespace.delete();
  }

  @Test
  void whatABodyThrowsArrivesAndNobodyStaysInside() throws Exception {
    NetworkNamespace namespace = NetworkNamespace.create(directory.resolve("a"));
    try {
      IOException fault = new IOException("from inside");
      assertThatThrownBy(
              () ->
                  namespace.<String, IOException>call(
                      () -> {
                        throw fault;
                      }))
          .isSameAs(fault);
    } finally {
      namespace.delete();
    }
  }

  @Test
  void noThreadIsEverLeftInAnotherNamespace() throws Exception {
    String home = ownNamespace();
    List<NetworkNamespace> namespaces = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      namespaces.add(NetworkNamespace.create(directory.resolve("n" + i)));
    }
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Boolean>> visits = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        NetworkNamespace namespace = namespaces.get(i % namespaces.size());
        visits.add(
            () -> {
              String inside =
                  namespace.<String, IOException>call(NetworkNamespaceTest::ownNamespace);
              return inside.equals("net:[" + namespace.id() + "]") && ownNamespace().equals(home);
            });
      }
      for (Future<Boolean> visit : executor.invokeAll(visits)) {
        assertThat(visit.get()).isTrue();
      }
      assertThat(FirstVisit.namespacesOfThreads()).containsExactly(home);
    } finally {
      namespaces.forEach(NetworkNamespace::delete);
    }
  }

  @Test
  void threadsThatJavaStartsByItselfStayOutside() throws Exception {
    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                FirstVisit.class.getName(),
                directory.resolve("first").toString())
            .redirectErrorStream(true)
            .start();
    assertThat(new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo("all at home\n");
    assertThat(program.waitFor()).isZero();
  }

  @Test
  void settingsAreReadAndWrittenInside() throws Exception {
    NetworkNamespace namespace = NetworkNamespace.create(directory.resolve("a"));
    try {
      Sysctl inside = new Sysctl(namespace);
      String outside = new Sysctl(NetworkNamespace.current()).read("net.ipv4.ip_default_ttl");
      inside.write("net.ipv4.ip_default_ttl", "99");
      assertThat(inside.read("net/ipv4/ip_default_ttl")).isEqualTo("99");
      assertThat(new Sysctl(NetworkNamespace.current()).read("net.ipv4.ip_default_ttl"))
          .isEqualTo(outside)
          .isNotEqualTo("99");
      assertThatThrownBy(() -> inside.write("net.ipv4.nothing", "1"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("/proc/sys/net/ipv4/nothing");
      assertThatThrownBy(() -> inside.read("../../etc/passwd"))
          .hasMessage("not a sysctl key: ../../etc/passwd");
    } finally {
      namespace.delete();
    }
  }
}
