package dev.hanse.control.command;

import dev.hanse.model.NetworkAttachmentConfig;
import dev.hanse.model.NetworkSpec;

/** Writes on networks. */
public sealed interface NetworkCommand extends Command {
  /** Makes a network; the result is the {@code Network}, not yet with its subnet. */
  record CreateNetwork(NetworkSpec spec) implements NetworkCommand {}

  /** Removes a network that nothing uses. */
  record RemoveNetwork(String id) implements NetworkCommand {}

  /**
   * Attaches a container that is no service's task to an attachable network; the result is a {@code
   * Task} that gets an address with the next pass.
   */
  record AttachNetwork(String nodeId, NetworkAttachmentConfig config, String containerId)
      implements NetworkCommand {}

  /** Ends such an attachment; only the node that has it may. */
  record DetachNetwork(String nodeId, String attachmentId) implements NetworkCommand {}
}
