package dev.hanse.agent;

import dev.hanse.model.Task;
import java.util.Optional;

/**
 * A task on this node as it is now.
 *
 * @param task as assigned, with the status that this node last observed
 * @param containerId its container, once made
 */
public record NodeTask(Task task, Optional<String> containerId) {}
