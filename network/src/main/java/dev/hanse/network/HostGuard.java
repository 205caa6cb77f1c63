package dev.hanse.network;

import dev.hanse.endpoints.EndpointTable;
import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.endpoints.MacAddress;
import dev.hanse.endpoints.NetworkEntry;
import dev.hanse.endpoints.PeerEntry;
import dev.hanse.network.KeptTable.Chain;
import dev.hanse.network.LocalTask.Attachment;
import dev.hanse.network.LocalTask.Networking;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What keeps containers, other machines and networks of the host apart. Three questions are asked,
 * each at the one place that every packet passes:
 *
 * <ul>
 *   <li>A frame comes out of a container (bridge, prerouting): are the link, the hardware address
 *       and the address those of one task? Else it goes nowhere, and no bridge learns from it.
 *   <li>A packet is for the host itself (input): a tunnel's must come from a node that takes part
 *       in the network whose number it carries. A container's must be for a port that is not the
 *       cluster's, and must come over a bridge on which the host has an address.
 *   <li>A packet goes through the host (forward): the administrator's chain comes first. To
 *       containers only what a published port sends, from containers only by their way out, and
 *       past containers nothing where forwarding is on for our sake alone.
 * </ul>
 */
final class HostGuard {
  private static final String PEERS = "peers";
  private static final String NODES = "nodes";
  private static final String TRUSTED = "trusted";
  private static final String OWNERS = "owners";
  private static final String ROUTERS = "routers";
  private static final String OURS = "\"" + KernelNames.BRIDGE_PREFIX + "*\"";
  private static final String VETHS = "\"" + KernelNames.VETH_PREFIX + "*\"";

  /** The VXLAN network identifier: bits 32 to 55 after the UDP header (RFC 7348, section 5). */
  private static final String VNI = "@th,96,24";

  private final EndpointTable table;
  private final Collection<LocalTask> tasks;
  private final NodeFacts facts;
  private final SortedMap<String, NetworkEntry> networks;
  private final Optional<PeerEntry.Own> ingress;
  private final Optional<String> ingressBridge;

  /**
   * @param networks that are on this node, by id
   */
  HostGuard(
      EndpointTable table,
      Collection<LocalTask> tasks,
      NodeFacts facts,
      SortedMap<String, NetworkEntry> networks) {
    this.table = table;
    this.tasks = tasks;
    this.facts = facts;
    this.networks = networks;
    Optional<NetworkEntry> mesh =
        networks.values().stream().filter(NetworkEntry::ingress).findFirst();
    this.ingressBridge = mesh.map(network -> KernelNames.bridge(network.id()));
    this.ingress =
        mesh.flatMap(network -> table.network(network.id()))
            .flatMap(entries -> Optional.ofNullable(entries.peers().get(facts.nodeId())))
            .flatMap(PeerEntry::own);
  }

  List<KeptTable> tables() {
    return List.of(packets(), frames());
  }

  private KeptTable packets() {
    SortedMap<String, String> sets = new TreeMap<>();
    sets.put(PEERS, "ip saddr . " + VNI);
    sets.put(NODES, "ip daddr");
    sets.put(TRUSTED, "ip saddr");
    SortedMap<String, SortedSet<String>> elements = new TreeMap<>();
    elements.put(PEERS, peers());
    elements.put(NODES, nodes());
    elements.put(TRUSTED, trusted());
    return new KeptTable(
        "ip",
        KernelNames.GUARD_TABLE,
        sets,
        List.of(
            new Chain("tunnels", Optional.empty(), tunnels()),
            new Chain("containers", Optional.empty(), containers()),
            new Chain("input", Optional.of("filter hook input priority filter - 6"), input()),
            new Chain(
                "forward", Optional.of("filter hook forward priority filter - 5"), forward())),
        elements,
        Optional.of(KernelNames.USER_CHAIN));
  }

  private List<String> input() {
    List<String> rules = new ArrayList<>();
    if (!networks.isEmpty()) {
      rules.add("udp dport %d goto tunnels".formatted(facts.vxlanPort()));
    }
    rules.add("iifname %s goto containers".formatted(OURS));
    return rules;
  }

  /** Other programs may have networks of other numbers at the same port. */
  private List<String> tunnels() {
    List<String> rules = new ArrayList<>();
    rules.add("iifname %s drop".formatted(OURS));
    rules.add("ip saddr . %s @%s accept".formatted(VNI, PEERS));
    if (!networks.isEmpty()) {
      rules.add(
          networks.values().stream()
              .map(network -> number(network.vni()))
              .distinct()
              .sorted()
              .collect(Collectors.joining(", ", VNI + " { ", " } drop")));
    }
    return rules;
  }

  private List<String> containers() {
    List<String> rules = new ArrayList<>();
    // The host's own connections to containers, and what comes back through a published port.
    rules.add("ct state established,related accept");
    rules.add("iifname != %s drop".formatted(bridgesOfHost()));
    ingress.ifPresent(
        own -> {
          Ipv4Address here = own.address().address();
          rules.add("iifname \"%s\" ip daddr %s drop".formatted(KernelNames.EGRESS_BRIDGE, here));
          rules.add(
              "iifname \"%s\" ip daddr != %s drop".formatted(ingressBridge.orElseThrow(), here));
        });
    if (!facts.controlPorts().isEmpty()) {
      rules.add(
          "tcp dport %s ip saddr != @%s reject with tcp reset".formatted(controlPorts(), TRUSTED));
      rules.add("udp dport %s ip saddr != @%s drop".formatted(controlPorts(), TRUSTED));
    }
    return rules;
  }

  private List<String> forward() {
    List<String> rules = new ArrayList<>();
    rules.add("jump " + KernelNames.USER_CHAIN);
    // Replies too: who asked from the tunnels' port may be forgotten when its node gets the answer.
    rules.add(
        "iifname %s udp dport %d ip daddr @%s drop".formatted(OURS, facts.vxlanPort(), NODES));
    rules.add("ct state established,related accept");
    // Frames within one bridge pass here too when the kernel shows bridged packets to iptables.
    if (!networks.isEmpty()) {
      rules.add(
          networks.keySet().stream()
              .map(KernelNames::bridge)
              .distinct()
              .sorted()
              .map(bridge -> "\"%1$s\" . \"%1$s\"".formatted(bridge))
              .collect(Collectors.joining(", ", "iifname . oifname { ", " } accept")));
    }
    rules.add("oifname %s ct status & dnat != dnat drop".formatted(OURS));
    rules.add("iifname %s iifname != \"%s\" drop".formatted(OURS, KernelNames.EGRESS_BRIDGE));
    // The way out puts the host's address into the packet, which other nodes take for a tunnel's.
    rules.add("iifname %s udp dport %d drop".formatted(OURS, facts.vxlanPort()));
    if (!facts.controlPorts().isEmpty()) {
      for (String protocol : List.of("tcp", "udp")) {
        rules.add(
            "iifname %s %s dport %s ip daddr @%s ip saddr != @%s drop"
                .formatted(OURS, protocol, controlPorts(), NODES, TRUSTED));
      }
    }
    if (facts.forwardsOnlyOurs()) {
      rules.add("iifname != %1$s oifname != %1$s drop".formatted(OURS));
    }
    return rules;
  }

  private String controlPorts() {
    return facts.controlPorts().stream()
        .sorted()
        .map(Object::toString)
        .collect(Collectors.joining(", ", "{ ", " }"));
  }

  /** Bridges on which the host itself has an address. */
  private String bridgesOfHost() {
    return Stream.concat(Stream.of(KernelNames.EGRESS_BRIDGE), ingressBridge.stream())
        .map(bridge -> "\"" + bridge + "\"")
        .collect(Collectors.joining(", ", "{ ", " }"));
  }

  private SortedSet<String> peers() {
    SortedSet<String> peers = new TreeSet<>();
    for (NetworkEntry network : networks.values()) {
      others(network.id())
          .forEach(peer -> peers.add(peer.dataPathAddress() + " . " + number(network.vni())));
    }
    return peers;
  }

  /** By what they gossip from, and by their tunnels: the two may differ. */
  private SortedSet<String> nodes() {
    return Stream.concat(
            facts.nodeAddresses().stream(),
            networks.keySet().stream().flatMap(this::others).map(PeerEntry::dataPathAddress))
        .map(Ipv4Address::toString)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Whoever takes part in a network besides this node. */
  private Stream<PeerEntry> others(String networkId) {
    return table.network(networkId).stream()
        .flatMap(entries -> entries.peers().values().stream())
        .filter(peer -> !peer.nodeId().equals(facts.nodeId()));
  }

  private SortedSet<String> trusted() {
    SortedSet<String> trusted = new TreeSet<>();
    for (LocalTask task : tasks) {
      if (task.networking() instanceof Networking.Own own
          && own.attachments().stream().anyMatch(each -> each.network().opensControlPorts())) {
        own.egress().ifPresent(address -> trusted.add(address.toString()));
        own.ingress().ifPresent(mesh -> trusted.add(mesh.address().address().toString()));
      }
    }
    return trusted;
  }

  private static String number(int vni) {
    return String.format(Locale.ROOT, "0x%06x", vni);
  }

  private KeptTable frames() {
    // Every frame on every bridge of the host comes here: what is usual is decided first.
    List<String> leaving =
        List.of(
            "iifname != %s accept".formatted(VETHS),
            "iifname . ether saddr . ip saddr @%s accept".formatted(OWNERS),
            "iifname . ether saddr . arp saddr ip @%1$s iifname . arp saddr ether . arp saddr ip"
                    .formatted(OWNERS)
                + " @%s accept".formatted(OWNERS),
            "iifname . ether saddr @%s accept".formatted(ROUTERS),
            "drop");
    return new KeptTable(
        "bridge",
        KernelNames.TABLE,
        new TreeMap<>(
            Map.of(OWNERS, "iifname . ether saddr . ip saddr", ROUTERS, "iifname . ether saddr")),
        List.of(
            new Chain("leaving", Optional.of("filter hook prerouting priority filter"), leaving)),
        new TreeMap<>(Map.of(OWNERS, owners(), ROUTERS, routers())),
        Optional.empty());
  }

  private SortedSet<String> owners() {
    SortedSet<String> owners = new TreeSet<>();
    for (LocalTask task : tasks) {
      if (task.networking() instanceof Networking.Own own) {
        for (Attachment each : own.attachments()) {
          owners.add(owner(task.taskId(), each.linkName(), each.mac(), each.address().address()));
        }
        own.egress()
            .ifPresent(
                address ->
                    owners.add(
                        owner(
                            task.taskId(),
                            own.egressLink(),
                            MacAddress.ofAddress(address),
                            address)));
      }
    }
    return owners;
  }

  /** On the routing mesh's network the host itself has an address, which nobody may have too. */
  private SortedSet<String> routers() {
    SortedSet<String> routers = new TreeSet<>();
    for (LocalTask task : tasks) {
      if (task.networking() instanceof Networking.Own own) {
        for (Attachment each : own.attachments()) {
          if (each.network().foreignAddresses() && !each.network().ingress()) {
            routers.add(link(task.taskId(), each.linkName(), each.mac()));
          }
        }
      }
    }
    return routers;
  }

  private static String owner(String taskId, String link, MacAddress mac, Ipv4Address address) {
    return link(taskId, link, mac) + " . " + address;
  }

  private static String link(String taskId, String name, MacAddress mac) {
    return "\"%s\" . %s".formatted(KernelNames.veth(taskId, name), mac);
  }
}
