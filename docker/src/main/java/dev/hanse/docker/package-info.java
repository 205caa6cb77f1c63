/**
 * Driver ring: the Docker Engine API. {@link dev.hanse.docker.DockerApi} starts it; {@code http} is
 * the server, {@code json} turns the model into Docker's JSON and back, {@code swarm}, {@code
 * network} and {@code system} hold the routes of the cluster, {@code engine} those of this node's
 * containers, images and volumes. {@link dev.hanse.docker.SwarmLifecycle} is what the daemon must
 * offer. Errors become answers in {@link dev.hanse.docker.Failures} and nowhere else.
 */
package dev.hanse.docker;
