/**
 * The life of a task on a node. {@link dev.hanse.agent.task.TaskMachine} decides (pure: one
 * function from what is known of a task to what to do next); {@link dev.hanse.agent.task.TaskSteps}
 * performs what it decided; {@link dev.hanse.agent.task.TaskContainer} turns a task's specification
 * into a container's settings.
 */
@NullMarked
package dev.hanse.agent.task;

import org.jspecify.annotations.NullMarked;
