package dev.hanse.gossip;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The other nodes that this one knows. */
final class Members {
  private final int max;
  private final Map<String, KnownMember> byId = new HashMap<>();
  // In the order of arrival, so that a seed gives the same run each time.
  private final List<KnownMember> list = new ArrayList<>();

  Members(int max) {
    this.max = max;
  }

  @Nullable KnownMember find(String nodeId) {
    return byId.get(nodeId);
  }

  boolean isFull() {
    return list.size() >= max;
  }

  void add(KnownMember member) {
    byId.put(member.nodeId, member);
    list.add(member);
  }

  /**
   * Gives up one that has never answered this node, to make room: those that are not up first, then
   * who is known longest.
   */
  Optional<KnownMember> removeUnproven() {
    KnownMember chosen = null;
    for (KnownMember member : list) {
      if (!member.proven && (chosen == null || (chosen.isUp() && !member.isUp()))) {
        chosen = member;
        if (!member.isUp()) {
          break;
        }
      }
    }
    if (chosen != null) {
      list.remove(chosen);
      byId.remove(chosen.nodeId);
    }
    return Optional.ofNullable(chosen);
  }

  void removeIf(Predicate<KnownMember> gone) {
    list.removeIf(gone);
    byId.values().removeIf(gone);
  }

  List<KnownMember> all() {
    return list;
  }

  int count(Predicate<KnownMember> which) {
    int count = 0;
    for (KnownMember member : list) {
      if (which.test(member)) {
        count++;
      }
    }
    return count;
  }

  /** Up to so many, each at most once. */
  List<KnownMember> choose(int count, RandomGenerator random, Predicate<KnownMember> which) {
    List<KnownMember> candidates = new ArrayList<>();
    for (KnownMember member : list) {
      if (which.test(member)) {
        candidates.add(member);
      }
    }
    int chosen = Math.min(count, candidates.size());
    for (int i = 0; i < chosen; i++) {
      int from = i + random.nextInt(candidates.size() - i);
      KnownMember member = candidates.get(from);
      candidates.set(from, candidates.get(i));
      candidates.set(i, member);
    }
    return List.copyOf(candidates.subList(0, chosen));
  }

  Optional<KnownMember> chooseOne(RandomGenerator random, Predicate<KnownMember> which) {
    return choose(1, random, which).stream().findFirst();
  }

  boolean isAliveAt(String address) {
    return list.stream().anyMatch(member -> member.isAlive() && member.address.equals(address));
  }
}
