/**
 * Driver: the name server inside each task's namespace, all served by one selector thread.
 *
 * <p>Start at {@link dev.hanse.agent.dns.NameService}. What a name means is decided in {@code
 * dev.hanse.network.TaskNames}; what is not ours is forwarded from the host's namespace by {@link
 * dev.hanse.agent.dns.DnsForwarder}.
 */
@NullMarked
package dev.hanse.agent.dns;

import org.jspecify.annotations.NullMarked;
