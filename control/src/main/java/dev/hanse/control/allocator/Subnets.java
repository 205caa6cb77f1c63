package dev.hanse.control.allocator;

import dev.hanse.model.Cluster;
import dev.hanse.model.IPAMConfig;
import dev.hanse.model.IPAMOptions;
import dev.hanse.model.Network;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which subnets are taken and which is the next free one of the cluster's pools. */
public final class Subnets {
  /** The smallest network that holds a gateway and a few tasks, as a prefix length. */
  public static final int PREFIX_MAX = 29;

  /** The largest network whose addresses are searched, as a prefix length. */
  public static final int PREFIX_MIN = 8;

  private static final String POOL = "10.0.0.0/8";
  private static final int SIZE = 24;

  /** For hosts that have a route to all of 10.0.0.0/8; 172.16.0.0/12 has the nodes' own bridges. */
  private static final List<String> SPARE = List.of("192.168.0.0/16");

  private Subnets() {}

  /** The subnets that networks have or have asked for. */
  public static List<Subnet> inUse(Snapshot snapshot) {
    List<Subnet> used = new ArrayList<>();
    for (Network network : snapshot.all(Kind.NETWORK)) {
      addAll(used, network.getIpam());
      addAll(used, network.getSpec().getIpam());
    }
    return used;
  }

  /**
   * The lowest free subnet that no node's host needs; empty when the pools are used up. Where the
   * hosts' routes leave nothing of the usual pool, it is one of another, and else a part of
   * something that they have a route to only: that is better than none.
   */
  static Optional<Subnet> next(Snapshot snapshot) {
    Cluster cluster = snapshot.cluster().orElse(Cluster.getDefaultInstance());
    List<String> pools =
        cluster.getDefaultAddressPoolCount() == 0
            ? List.of(POOL)
            : cluster.getDefaultAddressPoolList();
    int size = cluster.getSubnetSize() == 0 ? SIZE : cluster.getSubnetSize();
    return next(pools, size, inUse(snapshot), ForeignSubnets.of(snapshot));
  }

  /** Whether pools have room for one network beside what hosts need. */
  public static boolean haveRoom(List<String> pools, int size, ForeignSubnets foreign) {
    return next(pools, size, List.of(), foreign).isPresent();
  }

  private static Optional<Subnet> next(
      List<String> pools, int size, List<Subnet> inUse, ForeignSubnets foreign) {
    List<Subnet> avoided = both(inUse, foreign.all());
    return firstFree(pools, size, avoided)
        .or(() -> pools.equals(List.of(POOL)) ? firstFree(SPARE, size, avoided) : Optional.empty())
        .or(() -> firstFree(pools, size, both(inUse, foreign.forbidden(size))));
  }

  private static List<Subnet> both(List<Subnet> one, List<Subnet> other) {
    List<Subnet> all = new ArrayList<>(one);
    all.addAll(other);
    return all;
  }

  private static Optional<Subnet> firstFree(List<String> pools, int size, List<Subnet> used) {
    for (String text : pools) {
      Optional<Subnet> free =
          Subnet.parse(text).flatMap(pool -> firstFree(pool, Math.max(size, pool.prefix()), used));
      if (free.isPresent()) {
        return free;
      }
    }
    return Optional.empty();
  }

  private static Optional<Subnet> firstFree(Subnet pool, int size, List<Subnet> used) {
    Subnet candidate = new Subnet(pool.base(), size);
    while (pool.contains(candidate.base())) {
      Optional<Subnet> obstacle = Optional.empty();
      for (Subnet other : used) {
        if (other.overlaps(candidate)) {
          obstacle = Optional.of(other);
          break;
        }
      }
      if (obstacle.isEmpty()) {
        return Optional.of(candidate);
      }
      // Behind the obstacle, on the next multiple of the subnet's own size.
      long behind = Math.max(obstacle.get().last(), candidate.last()) + 1;
      long step = candidate.size();
      candidate = new Subnet((behind + step - 1) / step * step, size);
    }
    return Optional.empty();
  }

  private static void addAll(List<Subnet> used, IPAMOptions ipam) {
    for (IPAMConfig config : ipam.getConfigsList()) {
      Subnet.parse(config.getSubnet()).ifPresent(used::add);
    }
  }
}
