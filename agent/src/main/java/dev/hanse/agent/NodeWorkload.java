package dev.hanse.agent;

import dev.hanse.agent.workload.Workload;
import java.util.Optional;

/**
 * A workload on this node as it is now.
 *
 * @param workload with the status that this node last observed
 * @param containerId its container, once made
 */
public record NodeWorkload(Workload workload, Optional<String> containerId) {}
