package dev.hanse.control.allocator;

import dev.hanse.model.IPAMConfig;
import dev.hanse.model.Network;
import dev.hanse.store.Transaction;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The addresses of one network within one pass: what is in use is looked up in the state. The
 * search goes round, on from the address that was given last, so that a released one rests as long
 * as possible.
 */
final class AddressPool {
  private final Transaction transaction;
  private final String networkId;
  private final Subnet subnet;
  private final Subnet range;
  private final Set<Long> reserved = new HashSet<>();

  /** Given in this pass; the state may not know it yet. */
  private final Set<Long> given = new HashSet<>();

  private long cursor;
  private boolean exhausted;

  /**
   * An address that was given.
   *
   * @param cidr with its prefix length
   * @param address as a number
   * @param formerCursor where the search stood before
   */
  record Given(String cidr, long address, long formerCursor) {}

  private AddressPool(
      Transaction transaction, String networkId, Subnet subnet, Subnet range, long cursor) {
    this.transaction = transaction;
    this.networkId = networkId;
    this.subnet = subnet;
    this.range = range;
    this.cursor = cursor;
  }

  /** The pool of a network; empty for a network without a subnet. */
  static Optional<AddressPool> of(Transaction transaction, Network network) {
    Optional<IPAMConfig> config = network.getIpam().getConfigsList().stream().findFirst();
    return config
        .flatMap(found -> Subnet.parse(found.getSubnet()))
        .map(subnet -> read(transaction, network, config.orElseThrow(), subnet));
  }

  private static AddressPool read(
      Transaction transaction, Network network, IPAMConfig config, Subnet subnet) {
    Subnet range = Subnet.parse(config.getRange()).orElse(subnet);
    long cursor = Subnet.parseAddress(network.getAddressCursor()).orElse(range.base());
    AddressPool pool = new AddressPool(transaction, network.getId(), subnet, range, cursor);
    pool.reserved.add(subnet.base());
    pool.reserved.add(subnet.last());
    pool.reserve(config.getGateway());
    config.getReservedMap().values().forEach(pool::reserve);
    config.getReservedMap().keySet().forEach(pool::reserve);
    return pool;
  }

  private void reserve(String address) {
    Subnet.parseAddressOf(address).ifPresent(reserved::add);
  }

  private boolean isFree(long address) {
    return !reserved.contains(address)
        && !given.contains(address)
        && !transaction.snapshot().isAddressInUse(networkId, Subnet.format(address));
  }

  /** The next free address; empty when there is none. */
  Optional<Given> next() {
    if (exhausted) {
      return Optional.empty();
    }
    long candidate = cursor;
    for (long tried = 0; tried < range.size(); tried++) {
      candidate = range.contains(candidate + 1) ? candidate + 1 : range.base();
      if (subnet.contains(candidate) && isFree(candidate)) {
        Given next = give(candidate);
        cursor = candidate;
        return Optional.of(next);
      }
    }
    exhausted = true;
    return Optional.empty();
  }

  /** A certain address; empty when it is taken or does not belong here. */
  Optional<Given> take(String wanted) {
    return Subnet.parseAddressOf(wanted)
        .filter(subnet::contains)
        .filter(this::isFree)
        .map(this::give);
  }

  private Given give(long address) {
    given.add(address);
    return new Given(subnet.cidr(address), address, cursor);
  }

  /** Takes the address back that was given last. */
  void giveBack(Given last) {
    given.remove(last.address());
    cursor = last.formerCursor();
    exhausted = false;
  }

  /** The address given last, without prefix length. */
  String cursor() {
    return Subnet.format(cursor);
  }
}
