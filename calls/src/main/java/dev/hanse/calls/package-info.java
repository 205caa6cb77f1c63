/**
 * Ring: driver. Calls from managers to nodes, as both ends of a stream see them. Who asks uses
 * {@link dev.hanse.calls.NodeCalls}, who answers implements {@link dev.hanse.calls.CallHandler};
 * {@link dev.hanse.calls.CallStream} lets many threads use one stream. What may be sent when is
 * decided in {@link dev.hanse.calls.table.CallTable}. Start reading there.
 */
@NullMarked
package dev.hanse.calls;

import org.jspecify.annotations.NullMarked;
