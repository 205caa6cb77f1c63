package dev.hanse.network;

import dev.hanse.endpoints.EndpointEntry;
import dev.hanse.endpoints.EndpointTable;
import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.endpoints.Ipv4Subnet;
import dev.hanse.endpoints.MacAddress;
import dev.hanse.endpoints.NetworkEntry;
import dev.hanse.endpoints.NetworkTable;
import dev.hanse.endpoints.PeerEntry;
import dev.hanse.network.HostState.Bridge;
import dev.hanse.network.HostState.Vxlan;
import dev.hanse.network.LocalTask.Attachment;
import dev.hanse.network.LocalTask.Networking;
import dev.hanse.network.TaskState.DefaultRoute;
import dev.hanse.network.TaskState.Link;
import dev.hanse.network.TaskState.Reply;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * From the endpoint table and this node's tasks to the wanted kernel state. How a connection to a
 * published port finds its task, and its way back with the client's address kept, is in
 * docs/mesh.md: the entry node changes only the destination, and replies return by the mark that
 * stands for it.
 */
public final class NetworkPlanner {
  /** Routing tables of replies have this number plus the entry node's ordinal. */
  public static final int REPLY_TABLE_BASE = 0x68000000;

  private NetworkPlanner() {}

  /** The whole state of a node. */
  public static WantedState plan(
      EndpointTable table, Collection<LocalTask> tasks, NodeFacts facts) {
    SortedMap<String, TaskState> states = new TreeMap<>();
    for (LocalTask task : tasks) {
      if (task.networking() instanceof Networking.Own own) {
        states.put(task.taskId(), planTask(table, task.taskId(), own, facts));
      }
    }
    return new WantedState(
        planHost(table, tasks, facts), Collections.unmodifiableSortedMap(states));
  }

  /** The part in the host's namespace. */
  public static HostState planHost(
      EndpointTable table, Collection<LocalTask> tasks, NodeFacts facts) {
    SortedMap<String, Bridge> bridges = new TreeMap<>();
    SortedMap<String, Vxlan> vxlans = new TreeMap<>();
    bridges.put(
        KernelNames.EGRESS_BRIDGE,
        new Bridge(facts.underlayMtu(), Optional.empty(), Optional.of(facts.egress())));
    Optional<NetworkEntry> ingress = Optional.empty();
    SortedMap<String, NetworkEntry> networks = networksHere(table, tasks);
    for (NetworkEntry network : networks.values()) {
      Optional<NetworkTable> entries = table.network(network.id());
      Optional<PeerEntry.Own> own = entries.flatMap(known -> own(known, facts));
      String bridge = KernelNames.bridge(network.id());
      bridges.put(
          bridge,
          new Bridge(
              facts.mtu(network), own.map(PeerEntry.Own::mac), own.map(PeerEntry.Own::address)));
      vxlans.put(KernelNames.vxlan(network.id()), vxlan(network, entries, facts));
      if (network.ingress()) {
        ingress = Optional.of(network);
      }
    }
    return new HostState(
        Collections.unmodifiableSortedMap(bridges),
        Collections.unmodifiableSortedMap(vxlans),
        HostSettings.of(ingress.map(network -> KernelNames.bridge(network.id())), bridges.keySet()),
        ingress.isPresent()
            || tasks.stream().anyMatch(task -> task.networking() instanceof Networking.Own),
        HostRuleset.text(table, tasks, facts, ingress),
        new HostGuard(table, tasks, facts, networks).tables(),
        Translations.ofPorts(Published.all(table, tasks)));
  }

  /** Networks with a task here, and the ingress network: every node is an entry. */
  private static SortedMap<String, NetworkEntry> networksHere(
      EndpointTable table, Collection<LocalTask> tasks) {
    SortedMap<String, NetworkEntry> networks = new TreeMap<>();
    table.ingress().ifPresent(ingress -> networks.put(ingress.entry().id(), ingress.entry()));
    for (LocalTask task : tasks) {
      if (task.networking() instanceof Networking.Own own) {
        for (Attachment attachment : own.attachments()) {
          String id = attachment.network().id();
          networks.put(id, table.network(id).map(NetworkTable::entry).orElse(attachment.network()));
        }
      }
    }
    return networks;
  }

  private static Optional<PeerEntry.Own> own(NetworkTable entries, NodeFacts facts) {
    return Optional.ofNullable(entries.peers().get(facts.nodeId())).flatMap(PeerEntry::own);
  }

  private static Vxlan vxlan(
      NetworkEntry network, Optional<NetworkTable> entries, NodeFacts facts) {
    Map<MacAddress, Ipv4Address> forwarding = new TreeMap<>();
    Map<Ipv4Address, MacAddress> neighbours = new TreeMap<>();
    if (entries.isPresent()) {
      Map<String, PeerEntry> peers = entries.get().peers();
      for (EndpointEntry endpoint : entries.get().endpoints().values()) {
        PeerEntry peer = peers.get(endpoint.nodeId());
        if (peer != null && !endpoint.nodeId().equals(facts.nodeId())) {
          forwarding.put(endpoint.mac(), peer.dataPathAddress());
          neighbours.put(endpoint.address().address(), endpoint.mac());
        }
      }
      for (PeerEntry peer : peers.values()) {
        if (peer.own().isPresent() && !peer.nodeId().equals(facts.nodeId())) {
          PeerEntry.Own own = peer.own().get();
          forwarding.put(own.mac(), peer.dataPathAddress());
          neighbours.put(own.address().address(), own.mac());
        }
      }
    }
    return new Vxlan(
        KernelNames.bridge(network.id()),
        network.vni(),
        facts.dataPathAddress(),
        facts.vxlanPort(),
        facts.mtu(network),
        Collections.unmodifiableMap(forwarding),
        Collections.unmodifiableMap(neighbours));
  }

  /** The part in one task's namespace; depends only on the tables of the task's own networks. */
  public static TaskState planTask(
      EndpointTable table, String taskId, Networking.Own own, NodeFacts facts) {
    List<Link> links = new ArrayList<>();
    for (Attachment attachment : own.attachments()) {
      NetworkEntry network =
          table
              .network(attachment.network().id())
              .map(NetworkTable::entry)
              .orElse(attachment.network());
      links.add(
          new Link(
              attachment.linkName(),
              KernelNames.veth(taskId, attachment.linkName()),
              KernelNames.bridge(network.id()),
              Optional.of(attachment.mac()),
              attachment.address(),
              facts.mtu(network),
              false));
    }
    String egressName = own.egressLink();
    own.egress()
        .ifPresent(
            address ->
                links.add(
                    new Link(
                        egressName,
                        KernelNames.veth(taskId, egressName),
                        KernelNames.EGRESS_BRIDGE,
                        Optional.of(MacAddress.ofAddress(address)),
                        new Ipv4Subnet(address, facts.egress().prefixLength()),
                        facts.underlayMtu(),
                        true)));
    return new TaskState(
        List.copyOf(links),
        own.egress().map(address -> defaultRoute(own, address, egressName, facts)),
        replies(table, own),
        TaskSettings.initial(),
        TaskRuleset.text(table, taskId, own, egressName),
        Translations.ofAddresses(
            own.attachments().stream()
                .filter(attachment -> !attachment.network().ingress())
                .flatMap(attachment -> table.network(attachment.network().id()).stream())
                .toList()));
  }

  /**
   * A server bound to no address answers datagrams from the preferred source address of its default
   * route, before the reply's mark is known: with the mesh that must be its ingress address.
   */
  private static DefaultRoute defaultRoute(
      Networking.Own own, Ipv4Address egress, String egressName, NodeFacts facts) {
    Ipv4Address source = own.ingress().map(ingress -> ingress.address().address()).orElse(egress);
    return new DefaultRoute(facts.egress().address(), egressName, source);
  }

  private static SortedMap<Integer, Reply> replies(EndpointTable table, Networking.Own own) {
    SortedMap<Integer, Reply> replies = new TreeMap<>();
    own.ingress()
        .ifPresent(
            ingress ->
                table
                    .network(ingress.network().id())
                    .ifPresent(
                        entries ->
                            entries.peers().values().stream()
                                .flatMap(peer -> peer.own().stream())
                                .forEach(
                                    entry ->
                                        replies.put(
                                            entry.ordinal(),
                                            new Reply(
                                                REPLY_TABLE_BASE + entry.ordinal(),
                                                entry.address().address(),
                                                ingress.linkName())))));
    return Collections.unmodifiableSortedMap(replies);
  }
}
