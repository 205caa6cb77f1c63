/**
 * Pure: which calls a stream carries, and what each may still send, seen from one end. {@link
 * dev.hanse.calls.table.CallTable} takes frames and wishes and gives frames; it has no lock, thread
 * or socket. Start reading there; the limits are in {@link dev.hanse.calls.table.CallLimits}.
 */
@NullMarked
package dev.hanse.calls.table;

import org.jspecify.annotations.NullMarked;
