/**
 * Driver ring: how the fields of a message look in JSON. A message has a table with a line per
 * field ({@link dev.hanse.docker.field.FieldTable}, or {@link dev.hanse.docker.field.ShownTable}
 * where nothing is read); the forms of their values are {@link dev.hanse.docker.field.Notations}
 * and {@link dev.hanse.docker.field.Words}. What is read is checked only for its form. Empty fields
 * are left out as Go's {@code omitempty} does. Start reading at {@link
 * dev.hanse.docker.field.FieldTable}; the tables themselves: {@link dev.hanse.docker.json}.
 */
package dev.hanse.docker.field;
