/**
 * Ring: decider. Keeps the right number of tasks for each service and replaces those that ended or
 * lost their node; restart policy and timers are data in the tasks. Start reading at {@link
 * dev.hanse.control.orchestrator.Orchestrator}.
 */
@NullMarked
package dev.hanse.control.orchestrator;

import org.jspecify.annotations.NullMarked;
