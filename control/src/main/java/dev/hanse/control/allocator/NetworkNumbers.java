package dev.hanse.control.allocator;

import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.NetworkSpec;
import dev.hanse.model.Task;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.text.Digits;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/** VXLAN network identifiers: one for each overlay network. */
public final class NetworkNumbers {
  /** The driver option under which Docker keeps the identifier. */
  public static final String OPTION = "com.docker.network.driver.overlay.vxlanid_list";

  /** Docker starts here and leaves the lower numbers to others. */
  private static final int FIRST = 4096;

  /** Identifiers have 24 bits. */
  private static final int LAST = (1 << 24) - 1;

  private NetworkNumbers() {}

  /** The identifier that a network was given; empty before, and for networks without VXLAN. */
  public static Optional<Integer> of(Network network) {
    return parse(network.getDriverState().getOptionsOrDefault(OPTION, ""));
  }

  /** What is wrong with the identifier that a specification asks for. */
  public static Optional<String> malformed(NetworkSpec spec) {
    String wanted = spec.getDriverConfig().getOptionsOrDefault(OPTION, "");
    return wanted.isEmpty() || parse(wanted).isPresent()
        ? Optional.empty()
        : Optional.of("invalid vxlan id value " + wanted);
  }

  /** Why the identifier that a specification asks for cannot be had. */
  public static Optional<String> conflict(Snapshot snapshot, NetworkSpec spec) {
    return wanted(spec)
        .filter(inUse(snapshot)::contains)
        .map(number -> "requested vxlan id " + number + " is already in use");
  }

  /**
   * The identifier for a network that has none yet; empty when all are used up. One whose network
   * was removed rests until no task of that is left: the task's node may still have its link.
   */
  static Optional<Integer> next(Snapshot snapshot, NetworkSpec spec) {
    Optional<Integer> wanted = wanted(spec);
    if (wanted.isPresent()) {
      return wanted;
    }
    NavigableSet<Integer> used = inUse(snapshot);
    for (Task task : snapshot.all(Kind.TASK)) {
      for (NetworkAttachment attachment : task.getNetworksList()) {
        of(attachment.getNetwork()).ifPresent(used::add);
      }
    }
    int candidate = used.isEmpty() ? FIRST : Math.max(used.last() + 1, FIRST);
    if (candidate > LAST) {
      candidate = FIRST;
      while (used.contains(candidate)) {
        candidate++;
      }
    }
    return candidate > LAST ? Optional.empty() : Optional.of(candidate);
  }

  private static Optional<Integer> wanted(NetworkSpec spec) {
    return parse(spec.getDriverConfig().getOptionsOrDefault(OPTION, ""));
  }

  private static NavigableSet<Integer> inUse(Snapshot snapshot) {
    NavigableSet<Integer> used = new TreeSet<>();
    for (Network network : snapshot.all(Kind.NETWORK)) {
      of(network).ifPresent(used::add);
    }
    return used;
  }

  private static Optional<Integer> parse(String text) {
    if (!Digits.are(text, 8)) {
      return Optional.empty();
    }
    int number = Integer.parseInt(text);
    return number >= 1 && number <= LAST ? Optional.of(number) : Optional.empty();
  }
}
