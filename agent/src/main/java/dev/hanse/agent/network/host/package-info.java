/**
 * Driver: one thing of the kernel at a time, read, compared with what is wanted and put right: the
 * host's links, rules, forwarding and remembered flows, and a task's namespace. {@link
 * dev.hanse.agent.network.host.HostSide} holds those of the host together; when something is looked
 * at is decided above.
 */
@NullMarked
package dev.hanse.agent.network.host;

import org.jspecify.annotations.NullMarked;
