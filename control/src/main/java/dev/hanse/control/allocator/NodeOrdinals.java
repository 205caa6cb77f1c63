package dev.hanse.control.allocator;

import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.Node;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.text.Digits;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A small number for each node, unique in the swarm and stable while the node is a member: the
 * connection mark by which replies find their way back to the entry node of the routing mesh. Kept
 * with the node's attachment to the ingress network.
 */
public final class NodeOrdinals {
  private static final String OPTION = "dev.hanse.node.ordinal";
  private static final int LAST = 65_535;

  private NodeOrdinals() {}

  /** The number that goes with a node's attachment. */
  public static Optional<Integer> of(NetworkAttachment attachment) {
    String text = attachment.getDriverAttachmentOptsOrDefault(OPTION, "");
    return Digits.are(text, 5) ? Optional.of(Integer.valueOf(text)) : Optional.empty();
  }

  static NetworkAttachment with(NetworkAttachment attachment, int ordinal) {
    return attachment.toBuilder().putDriverAttachmentOpts(OPTION, String.valueOf(ordinal)).build();
  }

  /** The number behind the highest in use, so that a number freed lately is not given again. */
  static Optional<Integer> next(Snapshot snapshot) {
    TreeSet<Integer> used = new TreeSet<>();
    for (Node node : snapshot.all(Kind.NODE)) {
      for (NetworkAttachment attachment : node.getAttachmentsList()) {
        of(attachment).ifPresent(used::add);
      }
    }
    int candidate = used.isEmpty() ? 1 : used.last() + 1;
    if (candidate > LAST) {
      candidate = 1;
      while (used.contains(candidate)) {
        candidate++;
      }
    }
    return candidate > LAST ? Optional.empty() : Optional.of(candidate);
  }
}
