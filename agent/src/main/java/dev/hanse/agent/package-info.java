/**
 * Driver: what runs on every node. {@link dev.hanse.agent.Agent} is the entry for the rest of the
 * daemon; {@code AgentLoop} is the one thread that owns the workloads of this node; {@code
 * workload} is that noun and its makers; {@code task} holds a workload's life and performs its
 * steps; {@code dispatch} speaks with the managers; {@code volume} and {@code log} are what
 * containers leave on disk.
 */
@NullMarked
package dev.hanse.agent;

import org.jspecify.annotations.NullMarked;
