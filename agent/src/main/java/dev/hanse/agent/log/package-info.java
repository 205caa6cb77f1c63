/**
 * Driver: what containers wrote, one bounded log per container on this node's disk.
 *
 * <p>{@link dev.hanse.agent.log.LogStore} is the entry: it opens a {@link
 * dev.hanse.agent.log.ContainerLog} for the one writer of a container and any number of readers.
 * {@link dev.hanse.agent.log.LogRecord} is the form on disk, {@link
 * dev.hanse.agent.log.LineSplitter} turns a stream of bytes into lines.
 */
@NullMarked
package dev.hanse.agent.log;

import org.jspecify.annotations.NullMarked;
