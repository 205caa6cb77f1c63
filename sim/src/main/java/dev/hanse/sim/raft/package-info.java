/**
 * Ring: test. A small Raft in virtual time that keeps the promises of the log's port and uses all
 * the freedom that they leave. Start reading at {@link dev.hanse.sim.raft.RaftMember}.
 */
@NullMarked
package dev.hanse.sim.raft;

import org.jspecify.annotations.NullMarked;
