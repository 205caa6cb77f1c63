package dev.hanse.agent.network;

import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.netlink.Address;
import dev.hanse.kernel.netlink.Link;
import dev.hanse.kernel.netlink.Netlink;
import dev.hanse.kernel.nftables.NftablesException;
import dev.hanse.network.HostState;
import dev.hanse.network.Ipv4Address;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;

/** Everything of ours in the host's namespace: links, settings, packet rules, others' firewalls. */
final class HostSide implements AutoCloseable {
  private static final Path SYSCTL_ROOT = Path.of("/proc/sys");
  private static final int ETHERNET_MTU = 1500;

  private final NetworkNamespace namespace;
  private final Netlink netlink;
  private final HostLinks links;
  private final RulesetKeeper ruleset;
  private final ForeignFirewalls firewalls;
  private Optional<HostState> applied = Optional.empty();
  private OptionalInt underlayMtu = OptionalInt.empty();

  HostSide(NetworkNamespace namespace, Netlink netlink) {
    this.namespace = namespace;
    this.netlink = netlink;
    this.links = new HostLinks(netlink);
    this.ruleset = new RulesetKeeper(namespace, "the host", false);
    this.firewalls = new ForeignFirewalls(namespace);
  }

  /** The MTU of the link that has an address; Ethernet's while there is none. */
  int underlayMtu(Ipv4Address address) {
    if (underlayMtu.isEmpty()) {
      OptionalInt index =
          netlink.addresses().stream()
              .filter(
                  found -> KernelForms.ipv4(found.prefix().address()).equals(Optional.of(address)))
              .mapToInt(Address::index)
              .findFirst();
      if (index.isPresent()) {
        underlayMtu =
            netlink.links().stream()
                .filter(link -> link.index() == index.getAsInt())
                .mapToInt(Link::mtu)
                .findFirst();
      }
    }
    // The loopback of a test or a single host carries more than any network does.
    return Math.min(underlayMtu.orElse(ETHERNET_MTU), 65_535);
  }

  /**
   * Brings the host's namespace into the wanted state; says what could not be done.
   *
   * @param veths host's ends of the tasks' links, not to be removed as leftovers
   */
  List<String> apply(HostState wanted, Set<String> veths, boolean repair)
      throws InterruptedException {
    List<String> problems = new ArrayList<>();
    HostState before = applied.orElse(wanted);
    boolean first = applied.isEmpty();
    applied = Optional.empty();
    try {
      if (repair
          || first
          || !before.bridges().equals(wanted.bridges())
          || !before.vxlans().equals(wanted.vxlans())) {
        links.apply(wanted);
        if (repair) {
          links.removeOthers(wanted, veths);
        }
      }
      links.faults().forEach((name, fault) -> problems.add(name + ": " + fault));
      if (repair || first || !before.sysctls().equals(wanted.sysctls())) {
        sysctls(wanted.sysctls(), problems);
      }
      if (repair) {
        ruleset.repair(wanted.ruleset());
      } else {
        ruleset.ensure(wanted.ruleset());
      }
      if (repair || first) {
        firewalls.open();
      }
    } catch (KernelException | NftablesException fault) {
      problems.add(String.valueOf(fault.getMessage()));
    }
    if (problems.isEmpty()) {
      applied = Optional.of(wanted);
    }
    if (repair) {
      underlayMtu = OptionalInt.empty();
    }
    return problems;
  }

  /** Why a bridge, or the VXLAN link that is its port, is not there. */
  Optional<String> faultOf(String bridge) {
    return links.faultOf(bridge);
  }

  private void sysctls(SortedMap<String, String> settings, List<String> problems) {
    try {
      namespace.call(
          () -> {
            for (Map.Entry<String, String> setting : settings.entrySet()) {
              Path file = SYSCTL_ROOT.resolve(setting.getKey());
              // A kernel without IPv6 has no such settings; a bridge may have failed.
              if (Files.exists(file)
                  && !Files.readString(file).strip().equals(setting.getValue())) {
                Files.write(
                    file,
                    setting.getValue().getBytes(StandardCharsets.US_ASCII),
                    StandardOpenOption.WRITE);
              }
            }
            return settings;
          });
    } catch (IOException fault) {
      problems.add("kernel settings: " + fault.getMessage());
    }
  }

  /** Takes our packet rules away, also those in others' chains. */
  void remove() throws InterruptedException {
    firewalls.close();
    ruleset.remove();
    applied = Optional.empty();
  }

  @Override
  public void close() {
    ruleset.close();
  }
}
