package dev.hanse.control.endpoints;

import dev.hanse.control.Containment;
import dev.hanse.control.PassFault;
import dev.hanse.endpoints.Entry;
import dev.hanse.endpoints.NetworkEntry;
import dev.hanse.endpoints.NetworkTable;
import dev.hanse.endpoints.PeerEntry;
import dev.hanse.endpoints.PersistentMap;
import dev.hanse.endpoints.TableEdit;
import dev.hanse.model.Network;
import dev.hanse.model.Node;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One step of the projection. Each touched object is taken out as it was and put in as it is; first
 * networks, then what makes nodes take part in them, then all entries of what was touched.
 */
final class Fold {
  private final Snapshot before;
  private final Snapshot after;
  private final Set<Part> parts = new LinkedHashSet<>();
  private final Map<String, TableEdit> edits = new TreeMap<>();

  /** Reasons to take part that come and go, by node and network. */
  private final Map<String, Map<String, Integer>> reasons = new TreeMap<>();

  private final List<Part> skipped = new ArrayList<>();
  private final List<PassFault> faults = new ArrayList<>();
  private PersistentMap<NetworkTable> networks;
  private NetworkParticipation participation;

  /** An entry that is to be made anew: of a network, by kind and id. */
  record Part(String networkId, Entry.Key key) {}

  Fold(
      Snapshot before,
      Snapshot after,
      PersistentMap<NetworkTable> networks,
      NetworkParticipation participation) {
    this.before = before;
    this.after = after;
    this.networks = networks;
    this.participation = participation;
  }

  /**
   * Takes the step.
   *
   * @param again what an earlier step had to skip
   */
  void take(TouchedObjects touched, List<Part> again) {
    parts.addAll(again);
    touched.networks.forEach(this::network);
    touched.tasks.forEach(this::task);
    touched.nodes.forEach(this::node);
    touched.services.forEach(this::service);
    participation = participation.with(reasons);
    parts.forEach(this::make);
    edits.forEach((id, edit) -> networks = networks.with(id, edit.table()));
  }

  EndpointProjection result() {
    return new EndpointProjection(
        after, networks, participation, new EndpointProjection.Rest(false, skipped, faults));
  }

  /** A network that comes brings along what has been waiting for it. */
  private void network(String id) {
    Optional<NetworkTable> known = networks.find(id);
    Optional<NetworkEntry> entry = after.find(Kind.NETWORK, id).flatMap(NetworkEntries::network);
    if (entry.isEmpty()) {
      networks = networks.without(id);
      return;
    }
    if (known.isPresent() && known.get().entry().ingress() == entry.get().ingress()) {
      edit(id, known.get()).put(entry.get());
    } else {
      networks = networks.with(id, NetworkTable.of(entry.get()));
      for (Task task : after.tasksOfNetwork(id)) {
        part(id, Entry.Kind.ENDPOINT, task.getId());
        part(id, Entry.Kind.PEER, task.getNodeId());
      }
      for (Service service : after.servicesOfNetwork(id)) {
        part(id, Entry.Kind.SERVICE, service.getId());
      }
      for (Node node : after.all(Kind.NODE)) {
        if (NetworkEntries.networksOf(node.getAttachmentsList()).contains(id)) {
          part(id, Entry.Kind.PEER, node.getId());
        }
      }
    }
  }

  private void task(String id) {
    before.find(Kind.TASK, id).ifPresent(task -> task(task, false));
    after.find(Kind.TASK, id).ifPresent(task -> task(task, true));
  }

  private void task(Task task, boolean now) {
    Set<String> attached = NetworkEntries.networksOf(task.getNetworksList());
    if (NetworkEntries.isPresent(task)) {
      reason(task.getNodeId(), attached, now ? 1 : -1);
    }
    for (String networkId : attached) {
      part(networkId, Entry.Kind.ENDPOINT, task.getId());
      part(networkId, Entry.Kind.PEER, task.getNodeId());
    }
  }

  private void node(String id) {
    Set<String> old = attached(before.find(Kind.NODE, id));
    Set<String> now = attached(after.find(Kind.NODE, id));
    Set<String> all = new TreeSet<>(participation.networksOf(id));
    reason(id, old, -1);
    reason(id, now, 1);
    all.addAll(old);
    all.addAll(now);
    all.forEach(networkId -> part(networkId, Entry.Kind.PEER, id));
  }

  private static Set<String> attached(Optional<Node> node) {
    return node.map(Node::getAttachmentsList).map(NetworkEntries::networksOf).orElse(Set.of());
  }

  private void service(String id) {
    for (Snapshot state : List.of(before, after)) {
      state
          .find(Kind.SERVICE, id)
          .map(NetworkEntries::networksOf)
          .orElse(Set.of())
          .forEach(networkId -> part(networkId, Entry.Kind.SERVICE, id));
    }
  }

  private void reason(String nodeId, Set<String> networkIds, int difference) {
    if (!networkIds.isEmpty()) {
      Map<String, Integer> ofNode = reasons.computeIfAbsent(nodeId, _ -> new TreeMap<>());
      networkIds.forEach(id -> ofNode.merge(id, difference, Integer::sum));
    }
  }

  private TableEdit edit(String networkId, NetworkTable table) {
    return edits.computeIfAbsent(networkId, _ -> new TableEdit(table));
  }

  private void part(String networkId, Entry.Kind kind, String id) {
    if (networks.containsKey(networkId) && !id.isEmpty()) {
      parts.add(new Part(networkId, new Entry.Key(kind, id)));
    }
  }

  /** What throws keeps the entry that it had: the others must not wait for it. */
  private void make(Part part) {
    Optional<NetworkTable> table = networks.find(part.networkId);
    if (table.isEmpty()) {
      return;
    }
    try {
      TableEdit edit = edit(part.networkId, table.get());
      entry(edit.entry(), part.key).ifPresentOrElse(edit::put, () -> edit.remove(part.key));
    } catch (RuntimeException | Error e) {
      Containment.check(e);
      String subject = "%s in network %s".formatted(part.key, part.networkId);
      skipped.add(part);
      faults.add(new PassFault(subject, e));
    }
  }

  private Optional<PeerEntry> peer(NetworkEntry network, Node node) {
    Optional<PeerEntry> peer = NetworkEntries.peer(network.id(), node);
    String address = node.getStatus().getAddr();
    if (peer.isEmpty() && !address.isEmpty()) {
      faults.add(
          new PassFault(
              "node %s in network %s".formatted(node.getId(), network.id()),
              new IllegalStateException("no IPv4 address: " + address)));
    }
    return peer;
  }

  private Optional<? extends Entry> entry(NetworkEntry network, Entry.Key key) {
    return switch (key.kind()) {
      case NETWORK ->
          after.find(Kind.NETWORK, key.id()).flatMap((Network it) -> NetworkEntries.network(it));
      case PEER ->
          after
              .find(Kind.NODE, key.id())
              .filter(_ -> participation.takesPart(key.id(), network.id()))
              .flatMap(node -> peer(network, node));
      case SERVICE ->
          after
              .find(Kind.SERVICE, key.id())
              .filter(service -> NetworkEntries.networksOf(service).contains(network.id()))
              .map(service -> NetworkEntries.service(network, service));
      case ENDPOINT ->
          after
              .find(Kind.TASK, key.id())
              .flatMap(task -> NetworkEntries.endpoint(network.id(), task));
    };
  }
}
