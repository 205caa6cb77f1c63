/**
 * Driver ring: {@code /networks}: the swarm's networks through the manager, this node's own
 * (bridge, host, none) and what is attached here. Start at {@link
 * dev.hanse.docker.network.NetworkRoutes}.
 */
package dev.hanse.docker.network;
