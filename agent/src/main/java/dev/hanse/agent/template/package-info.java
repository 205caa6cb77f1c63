/**
 * The placeholders that a service's specification may hold, such as {@code {{.Task.Slot}}}: pure.
 * Start at {@link dev.hanse.agent.template.TaskTemplate}.
 */
@NullMarked
package dev.hanse.agent.template;

import org.jspecify.annotations.NullMarked;
