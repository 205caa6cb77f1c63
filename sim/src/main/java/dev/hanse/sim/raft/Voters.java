package dev.hanse.sim.raft;

import dev.hanse.raft.log.Member;
import java.util.List;

/** The members that vote, by the last entry on the disk that says so. */
final class Voters {
  private final String self;
  private final RaftDisk disk;
  private List<Member> known = List.of();
  private List<String> ids = List.of();
  private List<String> others = List.of();

  Voters(String self, RaftDisk disk) {
    this.self = self;
    this.disk = disk;
  }

  List<String> ids() {
    look();
    return ids;
  }

  /** All but this member. */
  List<String> others() {
    look();
    return others;
  }

  @SuppressWarnings("ReferenceEquality") // only a short cut: the disk gives the same list again
  private void look() {
    List<Member> present = disk.voters();
    if (present != known) {
      known = present;
      ids = present.stream().map(Member::nodeId).toList();
      others = ids.stream().filter(id -> !id.equals(self)).toList();
    }
  }
}
