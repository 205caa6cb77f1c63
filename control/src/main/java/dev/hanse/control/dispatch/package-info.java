/**
 * Ring: decider. What each node has to run: its tasks with their secrets and configs, and the
 * differences from one state to the next. Start reading at {@link
 * dev.hanse.control.dispatch.Assignments}.
 */
@NullMarked
package dev.hanse.control.dispatch;

import org.jspecify.annotations.NullMarked;
