/**
 * Driver ring: what flows between a client and a container for as long as both want: logs, attach,
 * exec, and the events of containers. Start at {@link dev.hanse.docker.stream.OutputQueue}, which
 * stands between a container that writes and a client that may not read.
 */
@NullMarked
package dev.hanse.docker.stream;

import org.jspecify.annotations.NullMarked;
