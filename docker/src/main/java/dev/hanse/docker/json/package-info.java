/**
 * Driver ring: Docker's JSON of the swarm's objects, from and to the model's messages, written by
 * hand on Jackson's tree so that every field is seen. One class per object; start at {@link
 * dev.hanse.docker.json.ServiceJson}. What is read is checked only for its form; whether it makes
 * sense is decided by the commands. Empty fields are left out as Go's {@code omitempty} does.
 */
package dev.hanse.docker.json;
