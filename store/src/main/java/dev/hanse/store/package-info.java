/**
 * Ring: decider. The cluster's state: tables of the objects of {@code docker.swarmkit.v1} with
 * their indexes, as immutable snapshots; transactions that read through their own writes and end as
 * a list of whole-value changes; and the one cell that holds the newest snapshot. No clock, socket,
 * file or thread. Start reading at {@link dev.hanse.store.Snapshot}, then {@link
 * dev.hanse.store.Transaction}.
 */
@NullMarked
package dev.hanse.store;

import org.jspecify.annotations.NullMarked;
