/**
 * Driver ring: Docker's JSON of the swarm's objects, from and to the model's messages. Each message
 * has a table with a line per field ({@link dev.hanse.docker.json.FieldTable}, or {@link
 * dev.hanse.docker.json.ShownTable} where nothing is read), so that every field is seen; start at
 * {@link dev.hanse.docker.json.ContainerSpecJson}. What is read is checked only for its form;
 * whether it makes sense is decided by the commands. Empty fields are left out as Go's {@code
 * omitempty} does.
 */
package dev.hanse.docker.json;
