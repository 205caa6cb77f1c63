/**
 * Driver ring: what happened, for {@code docker events}. {@link dev.hanse.docker.events.EventHub}
 * keeps the last events and hands them to those who wait; {@link
 * dev.hanse.docker.events.SwarmEvents} makes events of the store's changes.
 */
package dev.hanse.docker.events;
