package dev.hanse.gossip;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who is probed next. Every second time it is the next one of a list that is shuffled anew for each
 * pass (SWIM, section 4.3). In between it is this node's successor on a ring that all nodes compute
 * alike: a random order alone leaves some nodes unprobed for several periods, the ring bounds the
 * time until a death is noticed by two.
 */
final class ProbeOrder {
  private final Outbox out;
  private final Deque<String> pass = new ArrayDeque<>();
  private boolean ringNext;

  ProbeOrder(Outbox out) {
    this.out = out;
  }

  /**
   * The next one.
   *
   * @param which others are passed over
   */
  Optional<KnownMember> next(Predicate<KnownMember> which) {
    ringNext = !ringNext;
    return ringNext ? successor(which) : shuffled(which);
  }

  private Optional<KnownMember> successor(Predicate<KnownMember> which) {
    long own = Mixing.mix(out.self.nodeId());
    KnownMember nearest = null;
    for (KnownMember member : out.members.all()) {
      // Distances around the ring are unsigned.
      if (which.test(member)
          && (nearest == null
              || Long.compareUnsigned(member.ringPlace - own, nearest.ringPlace - own) < 0)) {
        nearest = member;
      }
    }
    return Optional.ofNullable(nearest);
  }

  private Optional<KnownMember> shuffled(Predicate<KnownMember> which) {
    boolean fresh = false;
    while (true) {
      if (pass.isEmpty()) {
        if (fresh) {
          return Optional.empty();
        }
        fresh = true;
        refill(which);
        continue;
      }
      @Nullable KnownMember member = out.members.find(pass.poll());
      if (member != null && which.test(member)) {
        return Optional.of(member);
      }
    }
  }

  private void refill(Predicate<KnownMember> which) {
    List<String> ids = new ArrayList<>();
    for (KnownMember member : out.members.all()) {
      if (which.test(member)) {
        ids.add(member.nodeId);
      }
    }
    for (int i = ids.size() - 1; i > 0; i--) {
      Collections.swap(ids, i, out.random.nextInt(i + 1));
    }
    pass.addAll(ids);
  }
}
