/**
 * Ring: driver. Service logs: a reader's request is handed to the nodes that run its tasks, their
 * lines are gathered in bounded buffers. Start reading at {@link dev.hanse.manager.log.LogBroker}.
 */
@NullMarked
package dev.hanse.manager.log;

import org.jspecify.annotations.NullMarked;
