package dev.hanse.control.decision;

import dev.hanse.control.Rejection;
import dev.hanse.control.allocator.Subnet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The rules for the pools from which networks get their subnets. */
final class AddressPools {
  /** A network needs a few addresses besides the gateway's. */
  private static final int SUBNET_SIZE_MAX = 29;

  private AddressPools() {}

  static Optional<Rejection> check(List<String> pools, int subnetSize) {
    if (subnetSize < 1 || subnetSize > SUBNET_SIZE_MAX) {
      return Outcome.invalid("subnet size is out of range: %d".formatted(subnetSize));
    }
    List<Subnet> seen = new ArrayList<>();
    for (String pool : pools) {
      Optional<Subnet> subnet = Subnet.parse(pool);
      if (subnet.isEmpty()) {
        return Outcome.invalid("invalid default address pool: " + pool);
      }
      if (subnet.get().reserved().isPresent()) {
        return Outcome.invalid(
            "invalid default address pool: %s: %s".formatted(pool, subnet.get().reserved().get()));
      }
      if (subnet.get().prefix() > subnetSize) {
        return Outcome.invalid("invalid CIDR: %s. Subnet size is too small".formatted(pool));
      }
      for (Subnet other : seen) {
        if (other.overlaps(subnet.get())) {
          return Outcome.invalid(
              "invalid CIDR: overlapping address pools %s and %s".formatted(other, subnet.get()));
        }
      }
      seen.add(subnet.get());
    }
    return Optional.empty();
  }
}
