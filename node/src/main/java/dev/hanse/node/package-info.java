/**
 * Driver ring: the main program and its command line. What it starts is in {@code daemon}, the
 * node's part in a swarm in {@code membership}, saved clusters in {@code snapshot}.
 *
 * <p>Start reading at {@link dev.hanse.node.Main}, then {@link dev.hanse.node.daemon.Daemon}.
 */
package dev.hanse.node;
