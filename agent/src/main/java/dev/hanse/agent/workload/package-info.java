/**
 * The node's noun. A {@link dev.hanse.agent.workload.Workload} is a container that somebody wants
 * on this node, whoever that is; its maker turns what it speaks of into workloads and their
 * statuses back. {@link dev.hanse.agent.workload.SwarmWorkloads} is the maker for the swarm's
 * tasks, and everything else of the agent knows no tasks. Values and pure functions only.
 */
@NullMarked
package dev.hanse.agent.workload;

import org.jspecify.annotations.NullMarked;
