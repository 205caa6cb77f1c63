package dev.hanse.kernel.netlink;

import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.network.Address;
import dev.hanse.kernel.network.Prefix;
import java.nio.file.Path;

/** A network namespace of a test, with its netlink; removed when closed. */
public record TestHost(NetworkNamespace namespace, Netlink netlink) implements AutoCloseable {
  private static final Path DIRECTORY =
      Path.of("/run/hanse-kernel-test-" + ProcessHandle.current().pid());

  public static TestHost create(String name) {
    NetworkNamespace namespace = NetworkNamespace.create(DIRECTORY.resolve(name));
    return new TestHost(namespace, Netlink.open(namespace));
  }

  public int index(String link) {
    return netlink.index(link);
  }

  public void address(String link, String prefix) {
    netlink.apply(Addresses.add(Address.of(index(link), Prefix.parse(prefix))));
  }

  @Override
  public void close() {
    netlink.close();
    namespace.delete();
    DIRECTORY.toFile().delete();
  }
}
