/**
 * Driver ring: Docker's JSON of the swarm's objects, from and to the model's messages. Each message
 * has a table with a line per field ({@link dev.hanse.docker.field.FieldTable}), so that every
 * field is seen; start at {@link dev.hanse.docker.json.ContainerSpecJson}. Whether what is read
 * makes sense is decided by the commands.
 */
package dev.hanse.docker.json;
