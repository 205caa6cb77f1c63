package dev.hanse.endpoints;

import dev.hanse.model.EndpointRow;
import dev.hanse.model.EndpointsChange;
import dev.hanse.model.PeerRow;
import dev.hanse.model.ServiceRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** From the wire to changes; what becomes packet rules is checked here. */
final class EndpointDecoder {
  private EndpointDecoder() {}

  /** All changes, or the first of them that makes no sense. */
  static Attempt<List<Change>> changes(List<EndpointsChange> wire) {
    List<Change> changes = new ArrayList<>(wire.size());
    for (EndpointsChange each : wire) {
      Optional<Change> change =
          switch (each.getAction()) {
            case PUT -> put(each);
            case REMOVE -> remove(each);
            case UNRECOGNIZED -> Optional.empty();
          };
      if (change.isEmpty()) {
        return new Attempt.Refused<>("change that makes no sense: " + describe(each));
      }
      changes.add(change.get());
    }
    return new Attempt.Done<>(changes);
  }

  private static Optional<Change> put(EndpointsChange wire) {
    return switch (wire.getRowCase()) {
      case NETWORK ->
          NetworkEntry.of(wire.getNetwork().getNetwork(), wire.getNetwork().getVni())
              .map(entry -> new Change.Put(entry.id(), entry));
      case PEER -> peer(wire.getPeer()).map(put(wire.getPeer().getNetworkId()));
      case SERVICE -> service(wire.getService()).map(put(wire.getService().getNetworkId()));
      case ENDPOINT -> endpoint(wire.getEndpoint()).map(put(wire.getEndpoint().getNetworkId()));
      case ROW_NOT_SET -> Optional.empty();
    };
  }

  private static Function<Entry, Change> put(String networkId) {
    return entry -> new Change.Put(networkId, entry);
  }

  private static Optional<Change> remove(EndpointsChange wire) {
    return switch (wire.getRowCase()) {
      case NETWORK ->
          remove(
              wire.getNetwork().getNetwork().getId(),
              Entry.Kind.NETWORK,
              wire.getNetwork().getNetwork().getId());
      case PEER ->
          remove(wire.getPeer().getNetworkId(), Entry.Kind.PEER, wire.getPeer().getNodeId());
      case SERVICE ->
          remove(
              wire.getService().getNetworkId(),
              Entry.Kind.SERVICE,
              wire.getService().getServiceId());
      case ENDPOINT ->
          remove(
              wire.getEndpoint().getNetworkId(),
              Entry.Kind.ENDPOINT,
              wire.getEndpoint().getTaskId());
      case ROW_NOT_SET -> Optional.empty();
    };
  }

  private static Optional<Change> remove(String networkId, Entry.Kind kind, String id) {
    return Optional.of(new Change.Remove(networkId, new Entry.Key(kind, id)));
  }

  private static Optional<Entry> peer(PeerRow wire) {
    boolean bare =
        wire.getAddress().isEmpty() && wire.getMacAddress().isEmpty() && wire.getOrdinal() == 0;
    Optional<PeerEntry.Own> own =
        PeerEntry.Own.parse(wire.getAddress(), wire.getMacAddress(), wire.getOrdinal());
    if (wire.getNodeId().isEmpty() || (own.isEmpty() && !bare)) {
      return Optional.empty();
    }
    return Ipv4Address.parse(wire.getDataPathAddr())
        .map(address -> new PeerEntry(wire.getNodeId(), address, own));
  }

  private static Optional<Entry> service(ServiceRow wire) {
    Optional<Ipv4Address> virtual = Ipv4Address.parse(wire.getVirtualIp());
    if (wire.getServiceId().isEmpty() || (virtual.isEmpty() && !wire.getVirtualIp().isEmpty())) {
      return Optional.empty();
    }
    return Optional.of(
        new ServiceEntry(
            wire.getServiceId(),
            wire.getName(),
            virtual,
            wire.getAliasesList(),
            wire.getPortsList()));
  }

  private static Optional<Entry> endpoint(EndpointRow wire) {
    Optional<Ipv4Subnet> address = Ipv4Subnet.parse(wire.getAddress());
    Optional<MacAddress> mac = MacAddress.parse(wire.getMacAddress());
    if (wire.getTaskId().isEmpty() || address.isEmpty() || mac.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new EndpointEntry(
            wire.getTaskId(),
            wire.getServiceId(),
            wire.getNodeId(),
            wire.getTaskName(),
            address.get(),
            mac.get(),
            wire.getAliasesList(),
            wire.getReady()));
  }

  private static String describe(EndpointsChange wire) {
    return remove(wire)
        .filter(Change.Remove.class::isInstance)
        .map(Change.Remove.class::cast)
        .map(key -> "%s in network %s".formatted(key.key(), key.networkId()))
        .orElse("it names no entry");
  }
}
