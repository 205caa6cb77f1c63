/**
 * Driver ring: the node in its swarm: founding, joining, returning after a start, leaving, and what
 * is kept of it in files. Start reading at {@link dev.hanse.node.membership.SwarmMember}.
 */
@NullMarked
package dev.hanse.node.membership;

import org.jspecify.annotations.NullMarked;
