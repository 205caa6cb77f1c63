/**
 * Ring: driver. Calls to nodes, on managers. The leader has the nodes' streams, {@link
 * dev.hanse.manager.calls.NodeLinks} finds the right one; the others ask it by {@link
 * dev.hanse.manager.calls.CallsService}. Start reading at {@code docs/node-calls.md}.
 */
@NullMarked
package dev.hanse.manager.calls;

import org.jspecify.annotations.NullMarked;
