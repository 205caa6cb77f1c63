package dev.hanse.control.allocator;

import dev.hanse.model.Endpoint;
import dev.hanse.model.IPAMConfig;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.Node;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * The addresses of one network within one pass: a bit for each, set from what the state holds. The
 * search goes round, on from the address that was given last, so that a released one rests as long
 * as possible.
 */
final class AddressPool {
  private final Subnet subnet;
  private final Subnet range;
  private final BitSet used;
  private long cursor;

  private AddressPool(Subnet subnet, Subnet range, BitSet used, long cursor) {
    this.subnet = subnet;
    this.range = range;
    this.used = used;
    this.cursor = cursor;
  }

  /** The pool of a network; empty for a network without a subnet. */
  static Optional<AddressPool> of(Snapshot snapshot, Network network) {
    Optional<IPAMConfig> config = network.getIpam().getConfigsList().stream().findFirst();
    return config
        .flatMap(found -> Subnet.parse(found.getSubnet()))
        .map(subnet -> read(snapshot, network, config.orElseThrow(), subnet));
  }

  private static AddressPool read(
      Snapshot snapshot, Network network, IPAMConfig config, Subnet subnet) {
    Subnet range = Subnet.parse(config.getRange()).orElse(subnet);
    long cursor = Subnet.parseAddress(network.getAddressCursor()).orElse(range.base());
    AddressPool pool = new AddressPool(subnet, range, new BitSet(), cursor);
    pool.mark(subnet.base());
    pool.mark(subnet.last());
    pool.mark(config.getGateway());
    config.getReservedMap().values().forEach(pool::mark);
    config.getReservedMap().keySet().forEach(pool::mark);
    pool.markAll(snapshot, network.getId());
    return pool;
  }

  private void markAll(Snapshot snapshot, String networkId) {
    for (Service service : snapshot.servicesOfNetwork(networkId)) {
      for (Endpoint.VirtualIP address : service.getEndpoint().getVirtualIpsList()) {
        if (address.getNetworkId().equals(networkId)) {
          mark(address.getAddr());
        }
      }
    }
    for (Task task : snapshot.tasksOfNetwork(networkId)) {
      if (task.getStatus().getStateValue() <= TaskState.RUNNING_VALUE) {
        markAttachments(networkId, task.getNetworksList());
      }
    }
    for (Node node : snapshot.all(Kind.NODE)) {
      markAttachments(networkId, node.getAttachmentsList());
    }
  }

  private void markAttachments(String networkId, List<NetworkAttachment> attachments) {
    for (NetworkAttachment attachment : attachments) {
      if (attachment.getNetwork().getId().equals(networkId)) {
        attachment.getAddressesList().forEach(this::mark);
      }
    }
  }

  private void mark(String address) {
    Subnet.parseAddressOf(address).ifPresent(this::mark);
  }

  private void mark(long address) {
    if (subnet.contains(address)) {
      used.set((int) (address - subnet.base()));
    }
  }

  /** The next free address in CIDR form; empty when there is none. */
  Optional<String> next() {
    int first = (int) (range.base() - subnet.base());
    int last = (int) (range.last() - subnet.base());
    int start = range.contains(cursor + 1) ? (int) (cursor + 1 - subnet.base()) : first;
    int free = used.nextClearBit(start);
    if (free > last) {
      free = used.nextClearBit(first);
    }
    return free > last ? Optional.empty() : Optional.of(take(free));
  }

  /** A certain address in CIDR form; empty when it is taken or does not belong here. */
  Optional<String> take(String wanted) {
    return Subnet.parseAddressOf(wanted)
        .filter(subnet::contains)
        .map(address -> (int) (address - subnet.base()))
        .filter(offset -> !used.get(offset))
        .map(
            offset -> {
              used.set(offset);
              return subnet.cidr(subnet.base() + offset);
            });
  }

  private String take(int offset) {
    used.set(offset);
    cursor = subnet.base() + offset;
    return subnet.cidr(cursor);
  }

  /** The address given last, without prefix length. */
  String cursor() {
    return Subnet.format(cursor);
  }
}
