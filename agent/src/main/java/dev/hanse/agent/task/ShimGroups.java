package dev.hanse.agent.task;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Which containers share a containerd shim.
 *
 * <p>Measured with containerd 1.6: a shim with one container takes 13 MiB, one with ten takes 15.
 * But when a shim dies, all its containers do. So a group holds at most {@link #MEMBERS_MAX}
 * containers (1.5 MiB each), and among the groups with room the one with the fewest containers of
 * the same service is chosen: a dying shim then costs a service as few replicas as can be.
 */
final class ShimGroups {
  /** Containers in one group, ended ones included until they are removed. */
  static final int MEMBERS_MAX = 10;

  private final Map<String, Member> members = new HashMap<>();

  private record Member(String group, String serviceId) {}

  /** The group for a container, always the same one for the same container. */
  synchronized String join(String containerId, String serviceId) {
    Member present = members.get(containerId);
    if (present != null) {
      return present.group();
    }
    String group = roomiest(serviceId).orElseGet(() -> "hanse-" + UUID.randomUUID());
    members.put(containerId, new Member(group, serviceId));
    return group;
  }

  /** A container of an earlier run of the daemon is in this group. */
  synchronized void adopt(String containerId, String serviceId, String group) {
    members.put(containerId, new Member(group, serviceId));
  }

  /** A container has been removed. */
  synchronized void leave(String containerId) {
    members.remove(containerId);
  }

  /** The containers that are in a group. */
  synchronized Set<String> present() {
    return Set.copyOf(members.keySet());
  }

  private Optional<String> roomiest(String serviceId) {
    Map<String, Integer> size = new HashMap<>();
    Map<String, Integer> sameService = new HashMap<>();
    for (Member member : members.values()) {
      size.merge(member.group(), 1, Integer::sum);
      sameService.merge(member.group(), member.serviceId().equals(serviceId) ? 1 : 0, Integer::sum);
    }
    return size.keySet().stream()
        .filter(group -> size.getOrDefault(group, 0) < MEMBERS_MAX)
        .min(
            Comparator.comparing((String group) -> sameService.getOrDefault(group, 0))
                .thenComparing(group -> group));
  }
}
