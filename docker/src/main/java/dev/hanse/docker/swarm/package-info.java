/**
 * Driver ring: the routes of the swarm's objects. Each reads the manager's snapshot or turns JSON
 * into a command; {@link dev.hanse.docker.swarm.ManagerGate} stands before the manager, {@link
 * dev.hanse.docker.swarm.Named} finds objects by id, name or prefix.
 */
package dev.hanse.docker.swarm;
