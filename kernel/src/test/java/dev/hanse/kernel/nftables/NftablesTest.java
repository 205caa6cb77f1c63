package dev.hanse.kernel.nftables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.namespace.Sysctl;
import dev.hanse.kernel.netlink.Routes;
import dev.hanse.kernel.netlink.TestCable;
import dev.hanse.kernel.netlink.TestHost;
import dev.hanse.kernel.netlink.TestTraffic;
import dev.hanse.kernel.network.Prefix;
import dev.hanse.kernel.network.Route;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class NftablesTest {
  @Test
  void destinationNatCarriesTraffic() throws Exception {
    try (TestHost client = TestHost.create("nat-client");
        TestHost router = TestHost.create("nat-router");
        TestHost server = TestHost.create("nat-server")) {
      TestCable.plug(client, "eth0", "192.0.2.1/24", router, "west", "192.0.2.254/24");
      TestCable.plug(server, "eth0", "198.51.100.1/24", router, "east", "198.51.100.254/24");
      server
          .netlink()
          .apply(
              Routes.add(
                  Route.to(Prefix.everyIpv4()).via(Prefix.parse("198.51.100.254").address())));
      new Sysctl(router.namespace()).write("net.ipv4.ip_forward", "1");
      new Nftables(router.namespace())
          .apply(
              """
              table ip test {
                chain prerouting {
                  type nat hook prerouting priority dstnat;
                  tcp dport 8080 dnat to 198.51.100.1:80
                }
              }
              """);
      try (var _ = TestTraffic.serve(server, 80)) {
        assertThat(TestTraffic.ask(client, "192.0.2.254", 8080)).isEqualTo("from 192.0.2.1");
      }
    }
  }

  @Test
  void aWrongCommandChangesNothingAndIsExplained() {
    try (TestHost host = TestHost.create("nft-errors")) {
      Nftables nftables = new Nftables(host.namespace());
      assertThatThrownBy(
              () -> nftables.apply("add table ip good\nadd rule ip good absent accept\n"))
          .isInstanceOf(NftablesException.class)
          .hasMessageStartingWith("nftables:2:18-23: Error: Could not process rule: No such file")
          .hasMessageContaining("add rule ip good absent accept");
      assertThatThrownBy(() -> nftables.apply("add nonsense"))
          .hasMessageStartingWith("nftables:1:13-13: Error: syntax error, unexpected end of file");
      assertThat(nftables.list("list ruleset")).isEmpty();
      assertThatThrownBy(() -> nftables.list("list table ip good"))
          .hasMessageContaining("No such file or directory");
    }
  }

  @Test
  void rulesetsAreListedAsTextAndJson() {
    try (TestHost host = TestHost.create("nft-list")) {
      Nftables nftables = new Nftables(host.namespace());
      nftables.apply("add table ip test\nadd chain ip test c\nadd rule ip test c counter drop\n");
      assertThat(nftables.list("list table ip test"))
          .isEqualTo(
              """
              table ip test {
              \tchain c {
              \t\tcounter packets 0 bytes 0 drop
              \t}
              }
              """);
      assertThat(nftables.listJson("list tables")).contains("\"table\":").contains("\"test\"");
    }
  }

  /** The library keeps interfaces in a global list: threads must not see each other's namespace. */
  @Test
  void threadsWorkOnDifferentNamespacesAtATime() throws Exception {
    List<TestHost> hosts = new ArrayList<>();
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 4; i++) {
        hosts.add(TestHost.create("nft-threads-" + i));
      }
      List<Callable<String>> tasks = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        NetworkNamespace namespace = hosts.get(i).namespace();
        String name = "own" + i;
        tasks.add(
            () -> {
              Nftables nftables = new Nftables(namespace);
              for (int round = 0; round < 20; round++) {
                nftables.apply(
                    "add table ip %s\ndelete table ip %s\nadd table ip %s\n"
                        .formatted(name, name, name));
              }
              return nftables.list("list tables").strip();
            });
      }
      List<String> listed = new ArrayList<>();
      for (Future<String> result : executor.invokeAll(tasks)) {
        listed.add(result.get());
      }
      assertThat(listed)
          .containsExactly("table ip own0", "table ip own1", "table ip own2", "table ip own3");
    } finally {
      hosts.forEach(TestHost::close);
    }
  }

  @Test
  void contextsAreFreed() throws Exception {
    try (TestHost host = TestHost.create("nft-memory")) {
      Nftables nftables = new Nftables(host.namespace());
      String ruleset =
          """
          add table ip test
          add set ip test s { type ipv4_addr; }
          flush set ip test s
          add element ip test s { 192.0.2.1, 192.0.2.2 }
          """;
      for (int i = 0; i < 20; i++) {
        nftables.apply(ruleset);
      }
      long descriptors = descriptors();
      long before = residentKib();
      for (int i = 0; i < 100; i++) {
        nftables.apply(ruleset);
      }
      assertThat(residentKib() - before).isLessThan(10_000);
      assertThat(descriptors()).isEqualTo(descriptors);
    }
  }

  private static long descriptors() throws Exception {
    try (var entries = Files.list(Path.of("/proc/self/fd"))) {
      return entries.count();
    }
  }

  private static long residentKib() throws Exception {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
