/**
 * The life of a workload on a node. {@link dev.hanse.agent.task.TaskMachine} decides (pure: one
 * function from what is known of it to what to do next); {@link dev.hanse.agent.task.TaskSteps}
 * performs what it decided; {@link dev.hanse.agent.task.TaskContainer} turns a workload into its
 * container's settings.
 */
@NullMarked
package dev.hanse.agent.task;

import org.jspecify.annotations.NullMarked;
