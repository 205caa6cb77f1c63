package dev.hanse.agent.network.host;

import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.health.Health;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.netlink.Netlink;
import dev.hanse.kernel.network.Address;
import dev.hanse.kernel.network.Link;
import dev.hanse.kernel.nftables.NftablesException;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PublishedPort;
import dev.hanse.network.HostState;
import dev.hanse.network.KeptTable;
import dev.hanse.network.Surroundings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything of ours in the host's namespace: links, settings, packet rules, others' firewalls. */
public final class HostSide implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HostSide.class);
  private static final Path SYSCTL_ROOT = Path.of("/proc/sys");
  private static final int ETHERNET_MTU = 1500;

  private final NetworkNamespace namespace;
  private final Netlink netlink;
  private final HostLinks links;
  private final Alterations alterations;
  private final RulesetKeeper ruleset;
  private final Map<String, TableKeeper> guards = new TreeMap<>();
  private final IpForwarding forwarding;
  private final RememberedFlows flows;
  private final ForeignFirewalls firewalls;
  private final LoopbackRelay relay;
  private Optional<HostState> applied = Optional.empty();
  private List<KeptTable> guarding = List.of();
  private boolean forwards;

  /** An earlier run may have left forwarding on. */
  private boolean settled;

  private OptionalInt underlayMtu = OptionalInt.empty();

  /**
   * The host's side in that namespace.
   *
   * @param netlink of the same namespace
   */
  public HostSide(
      Health health, NetworkNamespace namespace, Netlink netlink, IpForwarding forwarding) {
    this.namespace = namespace;
    this.netlink = netlink;
    this.links = new HostLinks(netlink);
    this.alterations = new Alterations(namespace);
    this.ruleset = new RulesetKeeper(namespace, alterations, "the host", false);
    this.forwarding = forwarding;
    this.flows = new RememberedFlows(namespace);
    this.firewalls = new ForeignFirewalls(health, namespace);
    this.relay = new LoopbackRelay(health, namespace);
  }

  /** The MTU of the link that has an address; Ethernet's while there is none. */
  public int underlayMtu(Ipv4Address address) {
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
   * What came of it.
   *
   * @param faults what could not be done, one sentence each
   * @param rulesApplied whether the packet rules are the wanted ones; if not, packets may still be
   *     sent to tasks that are gone
   */
  public record Outcome(List<String> faults, boolean rulesApplied) {}

  /**
   * Brings the host's namespace into the wanted state. The parts do not wait for each other: a link
   * that cannot be made keeps no rule from its place.
   *
   * @param veths host's ends of the tasks' links, not to be removed as leftovers
   */
  public Outcome apply(HostState wanted, Set<String> veths, boolean repair)
      throws InterruptedException {
    List<String> faults = new ArrayList<>();
    HostState before = applied.orElse(wanted);
    boolean unknown = applied.isEmpty();
    applied = Optional.empty();
    if (repair
        || unknown
        || !before.bridges().equals(wanted.bridges())
        || !before.vxlans().equals(wanted.vxlans())) {
      guarded(faults, () -> links(wanted, veths, repair));
    }
    links.faults().forEach((name, fault) -> faults.add(name + ": " + fault));
    if (repair || unknown || !before.sysctls().equals(wanted.sysctls())) {
      guarded(faults, () -> sysctls(wanted.sysctls(), faults));
    }
    boolean rulesApplied = guarded(faults, () -> rules(wanted, repair));
    // Not before the rules are applied that say for whom.
    if (rulesApplied) {
      forwarding(wanted.forwards(), repair, faults);
    }
    if (faults.isEmpty()) {
      applied = Optional.of(wanted);
    }
    if (repair) {
      underlayMtu = OptionalInt.empty();
    }
    return new Outcome(List.copyOf(faults), rulesApplied);
  }

  private static boolean guarded(List<String> faults, Runnable work) {
    try {
      work.run();
      return true;
    } catch (KernelException | NftablesException fault) {
      faults.add(String.valueOf(fault.getMessage()));
      return false;
    }
  }

  private void links(HostState wanted, Set<String> veths, boolean repair) {
    links.apply(wanted, repair);
    if (repair) {
      links.removeOthers(wanted, veths);
    }
  }

  private void rules(HostState wanted, boolean repair) {
    if (repair) {
      ruleset.repair(wanted.ruleset());
    } else {
      ruleset.ensure(wanted.ruleset());
    }
    for (KeptTable guard : wanted.guards()) {
      TableKeeper keeper =
          guards.computeIfAbsent(
              guard.reference(), missing -> new TableKeeper(namespace, alterations));
      if (repair) {
        keeper.repair(guard);
      } else {
        keeper.ensure(guard);
      }
    }
    guarding = wanted.guards();
    flows.follow(wanted.translations());
    relay.follow(
        wanted.translations().ports().keySet().stream()
            .filter(port -> port.protocol() == PortConfig.Protocol.TCP)
            .map(PublishedPort::number)
            .collect(Collectors.toSet()));
  }

  /** What is not needed any more is closed by the timer: the next task may come at once. */
  private void forwarding(boolean wanted, boolean repair, List<String> faults)
      throws InterruptedException {
    try {
      if (wanted && (repair || !forwards)) {
        firewalls.open();
        forwarding.on();
        forwards = true;
        settled = true;
      } else if (!wanted && repair && (forwards || !settled)) {
        forwarding.off();
        firewalls.close();
        forwards = false;
        settled = true;
      }
    } catch (IOException fault) {
      faults.add("forwarding: " + fault.getMessage());
    } catch (KernelException | NftablesException fault) {
      faults.add(String.valueOf(fault.getMessage()));
    }
  }

  /** Does the host forward packets for our sake alone? If that cannot be told, yes. */
  public boolean forwardsOnlyOurs() {
    try {
      return forwarding.isOurs();
    } catch (IOException fault) {
      log.warn("cannot read the host's forwarding: {}", fault.toString());
      return true;
    }
  }

  /** What the host reaches besides our links. */
  public Surroundings surroundings() {
    return links.surroundings();
  }

  /** What is applied and does harm, one sentence each. */
  public List<String> warnings() {
    return links.warnings();
  }

  /** Why a bridge, or the VXLAN link that is its port, is not there. */
  public Optional<String> faultOf(String bridge) {
    return links.faultOf(bridge);
  }

  /** Does that end by itself? */
  public boolean isPassing(String bridge) {
    return links.isPassing(bridge);
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
                OwnFiles.overwrite(file, setting.getValue());
              }
            }
            return settings;
          });
    } catch (IOException fault) {
      problems.add("kernel settings: " + fault.getMessage());
    }
  }

  /** Takes our packet rules away, also those in others' chains. */
  public void remove() throws InterruptedException, IOException {
    relay.close();
    forwarding.off();
    firewalls.remove();
    ruleset.remove();
    for (KeptTable guard : guarding) {
      Objects.requireNonNull(guards.get(guard.reference())).remove(guard);
    }
    guarding = List.of();
    applied = Optional.empty();
  }

  @Override
  public void close() {
    relay.close();
    flows.close();
    ruleset.close();
    guards.values().forEach(TableKeeper::close);
    alterations.close();
    firewalls.release();
  }
}
