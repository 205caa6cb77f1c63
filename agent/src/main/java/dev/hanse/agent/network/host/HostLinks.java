package dev.hanse.agent.network.host;

import dev.hanse.endpoints.Ipv4Subnet;
import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.netlink.Addresses;
import dev.hanse.kernel.netlink.Change;
import dev.hanse.kernel.netlink.ForwardingEntries;
import dev.hanse.kernel.netlink.Links;
import dev.hanse.kernel.netlink.Neighbours;
import dev.hanse.kernel.netlink.Netlink;
import dev.hanse.kernel.network.Address;
import dev.hanse.kernel.network.ForwardingEntry;
import dev.hanse.kernel.network.Link;
import dev.hanse.kernel.network.MacAddress;
import dev.hanse.kernel.network.Neighbour;
import dev.hanse.kernel.network.NewLink;
import dev.hanse.kernel.network.Vxlan;
import dev.hanse.network.HostState;
import dev.hanse.network.KernelNames;
import dev.hanse.network.Surroundings;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Bridges and VXLAN links of the host's namespace: compares, and changes only what differs. */
final class HostLinks {
  private static final Logger log = LoggerFactory.getLogger(HostLinks.class);
  private static final int VXLAN_TTL = 64;

  private final Netlink netlink;
  private final SortedMap<String, String> faults = new TreeMap<>();
  private final Map<String, String> faultsOfVxlans = new HashMap<>();
  private final Set<String> passing = new HashSet<>();

  /** Bridges that hide something which came after them, and what, in words. */
  private final SortedMap<String, String> hiding = new TreeMap<>();

  private Surroundings surroundings = Surroundings.UNKNOWN;

  HostLinks(Netlink netlink) {
    this.netlink = netlink;
  }

  /** Why something could not be applied the last time, by link name. */
  SortedMap<String, String> faults() {
    return faults;
  }

  /** Why a bridge, or the VXLAN link that is its port, is not there. */
  Optional<String> faultOf(String bridge) {
    return Optional.ofNullable(faults.get(bridge))
        .or(() -> Optional.ofNullable(faultsOfVxlans.get(bridge)));
  }

  /** Does {@link #faultOf} a bridge end by itself, with another network's last task here? */
  boolean isPassing(String bridge) {
    return passing.contains(bridge);
  }

  /** What the host reached besides our links when it was looked at for the last time. */
  Surroundings surroundings() {
    return surroundings;
  }

  /** What bridges of ours that tasks use have come to hide, one sentence each. */
  List<String> warnings() {
    return hiding.entrySet().stream()
        .map(entry -> entry.getKey() + " hides a part of the host's network: " + entry.getValue())
        .toList();
  }

  /**
   * Brings the kernel into the wanted state.
   *
   * @param repair whether to look at everything anew
   */
  void apply(HostState wanted, boolean repair) {
    faults.clear();
    faultsOfVxlans.clear();
    passing.clear();
    Map<String, Link> found = withoutOldNumbers(wanted, byName());
    boolean news = wanted.bridges().keySet().stream().anyMatch(name -> !found.containsKey(name));
    if (repair || news) {
      surroundings = HostSurroundings.read(netlink);
      hiding.clear();
    }
    wanted
        .bridges()
        .forEach(
            (name, bridge) ->
                guarded(
                    name,
                    () -> {
                      requireHarmless(name, bridge, wanted, found);
                      bridge(name, bridge, found);
                    }));
    Map<String, Link> withBridges = byName();
    addresses(wanted, withBridges);
    wanted.vxlans().forEach((name, vxlan) -> guarded(name, () -> vxlan(name, vxlan, withBridges)));
    wanted
        .vxlans()
        .forEach(
            (name, vxlan) ->
                Optional.ofNullable(faults.get(name))
                    .ifPresent(fault -> faultsOfVxlans.put(vxlan.bridge(), fault)));
  }

  /**
   * Removes VXLAN links of ours that hold a number which another one is to get, with the bridges
   * that they are ports of: the number of a network that was just removed may be used again at
   * once, before {@link #removeOthers} runs.
   */
  private Map<String, Link> withoutOldNumbers(HostState wanted, Map<String, Link> present) {
    List<Change> changes = new ArrayList<>();
    for (Link link : present.values()) {
      if (isOurs(link) && link.vxlan().isPresent() && isInTheWay(link, wanted)) {
        log.info("removing link {}: another network has its VXLAN identifier now", link.name());
        changes.add(Links.delete(link.index()));
        present.values().stream()
            .filter(
                bridge ->
                    link.master().isPresent()
                        && bridge.index() == link.master().getAsInt()
                        && isOurs(bridge)
                        && !wanted.bridges().containsKey(bridge.name()))
            .forEach(bridge -> changes.add(Links.delete(bridge.index())));
      }
    }
    if (changes.isEmpty()) {
      return present;
    }
    netlink.attempt(changes).stream()
        .filter(failure -> !failure.reason().notFound())
        .forEach(
            failure ->
                log.warn("a link of the host could not be changed: {}", text(failure.reason())));
    return byName();
  }

  private static boolean isInTheWay(Link link, HostState wanted) {
    Vxlan present = link.vxlan().orElseThrow();
    HostState.Vxlan own = wanted.vxlans().get(link.name());
    return (own == null || own.vni() != present.id() || own.port() != present.port())
        && wanted.vxlans().values().stream()
            .anyMatch(other -> other.vni() == present.id() && other.port() == present.port());
  }

  /** Removes links of ours that are not wanted any more. */
  void removeOthers(HostState wanted, Set<String> veths) {
    List<Change> changes = new ArrayList<>();
    for (Link link : netlink.links()) {
      if (isOurs(link)
          && !wanted.bridges().containsKey(link.name())
          && !wanted.vxlans().containsKey(link.name())
          && !veths.contains(link.name())) {
        log.info("removing link {}, which nothing needs any more", link.name());
        changes.add(Links.delete(link.index()));
      }
    }
    // Of a veth both ends may be listed, and a namespace may have taken it away meanwhile.
    netlink.attempt(changes).stream()
        .filter(failure -> !failure.reason().notFound())
        .forEach(failure -> faults.put(failure.change().operation(), text(failure.reason())));
  }

  private static boolean isOurs(Link link) {
    return KernelNames.isOurs(link.name())
        && (link.isKind("bridge") || link.isKind("vxlan") || link.isKind("veth"));
  }

  private Map<String, Link> byName() {
    Map<String, Link> links = new HashMap<>();
    netlink.links().forEach(link -> links.put(link.name(), link));
    return links;
  }

  private void guarded(String name, Runnable work) {
    try {
      work.run();
    } catch (KernelException fault) {
      faults.put(name, text(fault));
    }
  }

  /**
   * Refuses a bridge that would cut the host off from something. One that tasks use stays, whatever
   * comes after it, and the host says so; one that nobody uses goes.
   */
  private void requireHarmless(
      String name, HostState.Bridge bridge, HostState wanted, Map<String, Link> found) {
    Optional<String> harm =
        bridge
            .address()
            .flatMap(
                subnet -> hiddenNode(name, subnet, wanted).or(() -> surroundings.hiddenBy(subnet)));
    if (harm.isEmpty()) {
      return;
    }
    Link present = found.get(name);
    if (present != null && isUsed(present, found)) {
      hiding.put(name, harm.get());
      return;
    }
    if (present != null) {
      log.warn("removing link {}: {}", name, harm.get());
      netlink.apply(Links.delete(present.index()));
      found.remove(name);
    }
    throw new KernelException(harm.get(), Errno.EADDRINUSE);
  }

  /** The nodes of a network are not in it themselves. */
  private static Optional<String> hiddenNode(String name, Ipv4Subnet subnet, HostState wanted) {
    return wanted.vxlans().values().stream()
        .filter(vxlan -> vxlan.bridge().equals(name))
        .flatMap(
            vxlan -> Stream.concat(Stream.of(vxlan.local()), vxlan.forwarding().values().stream()))
        .filter(subnet::contains)
        .findFirst()
        .map(node -> "subnet %s has the address %s of a node".formatted(subnet.network(), node));
  }

  private static boolean isUsed(Link bridge, Map<String, Link> found) {
    return found.values().stream()
        .anyMatch(
            port ->
                port.name().startsWith(KernelNames.VETH_PREFIX)
                    && port.master().isPresent()
                    && port.master().getAsInt() == bridge.index());
  }

  private static String text(KernelException fault) {
    return String.valueOf(fault.getMessage());
  }

  private void bridge(String name, HostState.Bridge wanted, Map<String, Link> found) {
    Optional<MacAddress> mac = wanted.mac().map(KernelForms::mac);
    Link link = found.get(name);
    if (link != null && !link.isKind("bridge")) {
      netlink.apply(Links.delete(link.index()));
      link = null;
    }
    if (link == null) {
      NewLink made = NewLink.bridge(name).withMtu(wanted.mtu()).withUp();
      netlink.apply(Links.add(mac.map(made::withMac).orElse(made)));
      return;
    }
    List<Change> changes = new ArrayList<>();
    if (mac.isPresent() && !mac.equals(link.mac())) {
      changes.add(Links.mac(link.index(), mac.get()));
    }
    if (link.mtu() != wanted.mtu()) {
      changes.add(Links.mtu(link.index(), wanted.mtu()));
    }
    if (!link.up()) {
      changes.add(Links.up(link.index()));
    }
    netlink.apply(changes);
  }

  private void addresses(HostState wanted, Map<String, Link> links) {
    List<Address> present = netlink.addresses();
    wanted
        .bridges()
        .forEach(
            (name, bridge) -> {
              Link link = links.get(name);
              if (link != null) {
                guarded(name, () -> addresses(link, bridge, present));
              }
            });
  }

  private void addresses(Link link, HostState.Bridge wanted, List<Address> present) {
    Optional<Address> address =
        wanted.address().map(subnet -> Address.of(link.index(), KernelForms.prefix(subnet)));
    List<Change> changes = new ArrayList<>();
    boolean there = false;
    for (Address found : present) {
      if (found.index() == link.index() && KernelForms.ipv4(found.prefix()).isPresent()) {
        boolean same = address.isPresent() && found.prefix().equals(address.get().prefix());
        there |= same;
        if (!same) {
          changes.add(Addresses.delete(found));
        }
      }
    }
    if (!there) {
      address.ifPresent(missing -> changes.add(Addresses.replace(missing)));
    }
    netlink.apply(changes);
  }

  private void vxlan(String name, HostState.Vxlan wanted, Map<String, Link> found) {
    Link bridge = found.get(wanted.bridge());
    if (bridge == null) {
      return;
    }
    Vxlan details =
        Vxlan.of(wanted.vni(), wanted.port())
            .withLocal(KernelForms.inet(wanted.local()))
            .withProxy(true)
            .withTtl(VXLAN_TTL);
    Link link = found.get(name);
    if (link != null && !isSame(link, details)) {
      netlink.apply(Links.delete(link.index()));
      link = null;
    }
    if (link == null) {
      requireFree(wanted, found);
      add(name, wanted, details, bridge);
      link = netlink.link(name).orElseThrow();
    } else {
      netlink.apply(corrections(link, wanted, bridge));
    }
    forwarding(link.index(), wanted);
    neighbours(link.index(), wanted);
  }

  /** The managers may give a number away whose network still has ending tasks on this node. */
  private void requireFree(HostState.Vxlan wanted, Map<String, Link> found) {
    for (Link link : found.values()) {
      if (isOurs(link)
          && link.vxlan().isPresent()
          && link.vxlan().get().id() == wanted.vni()
          && link.vxlan().get().port() == wanted.port()) {
        passing.add(wanted.bridge());
        throw new KernelException(
            "VXLAN identifier %d is held by %s until the last task of its network has ended"
                .formatted(wanted.vni(), link.name()),
            Errno.EEXIST);
      }
    }
  }

  private static boolean isSame(Link link, Vxlan details) {
    return link.vxlan().isPresent()
        && link.vxlan().get().id() == details.id()
        && link.vxlan().get().port() == details.port()
        && link.vxlan().get().local().equals(details.local())
        && link.vxlan().get().proxy()
        && !link.vxlan().get().learning();
  }

  private void add(String name, HostState.Vxlan wanted, Vxlan details, Link bridge) {
    try {
      netlink.apply(
          Links.add(
              NewLink.vxlan(name, details)
                  .withMtu(wanted.mtu())
                  .withMaster(bridge.index())
                  .withUp()));
    } catch (KernelException fault) {
      if (fault.errno().equals(Errno.EADDRINUSE)) {
        throw new KernelException(
            "UDP port %d for VXLAN is taken by another program".formatted(wanted.port()),
            fault.errno());
      }
      if (fault.alreadyExists()) {
        throw new KernelException(
            "VXLAN identifier %d at UDP port %d is used by another program"
                .formatted(wanted.vni(), wanted.port()),
            fault.errno());
      }
      throw fault;
    }
  }

  private static List<Change> corrections(Link link, HostState.Vxlan wanted, Link bridge) {
    List<Change> changes = new ArrayList<>();
    if (link.mtu() != wanted.mtu()) {
      changes.add(Links.mtu(link.index(), wanted.mtu()));
    }
    if (link.master().isEmpty() || link.master().getAsInt() != bridge.index()) {
      changes.add(Links.master(link.index(), bridge.index()));
    }
    if (!link.up()) {
      changes.add(Links.up(link.index()));
    }
    return changes;
  }

  private void forwarding(int index, HostState.Vxlan wanted) {
    Map<MacAddress, InetAddress> missing = new HashMap<>();
    wanted
        .forwarding()
        .forEach((mac, node) -> missing.put(KernelForms.mac(mac), KernelForms.inet(node)));
    List<Change> changes = new ArrayList<>();
    for (ForwardingEntry entry : netlink.forwardingEntries(index)) {
      if (entry.self() && entry.destination().isPresent()) {
        InetAddress destination = missing.get(entry.mac());
        if (destination == null) {
          changes.add(ForwardingEntries.delete(entry));
        } else if (destination.equals(entry.destination().get())) {
          missing.remove(entry.mac());
        }
      }
    }
    missing.forEach(
        (mac, node) ->
            changes.add(ForwardingEntries.replace(ForwardingEntry.ofVxlan(index, mac, node))));
    netlink.apply(changes);
  }

  private void neighbours(int index, HostState.Vxlan wanted) {
    Map<InetAddress, MacAddress> missing = new HashMap<>();
    wanted
        .neighbours()
        .forEach((address, mac) -> missing.put(KernelForms.inet(address), KernelForms.mac(mac)));
    List<Change> changes = new ArrayList<>();
    for (Neighbour entry : netlink.neighbours(index)) {
      MacAddress mac = missing.get(entry.address());
      if (mac == null) {
        if (entry.permanent()) {
          changes.add(Neighbours.delete(entry));
        }
      } else if (entry.permanent() && mac.equals(entry.mac())) {
        missing.remove(entry.address());
      }
    }
    missing.forEach(
        (address, mac) -> changes.add(Neighbours.replace(Neighbour.of(index, address, mac))));
    netlink.apply(changes);
  }
}
