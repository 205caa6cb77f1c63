/**
 * Driver ring: the main program. Parses the command line, wires the parts together by hand and
 * starts and stops them in a fixed order.
 *
 * <p>Start reading at {@link dev.hanse.node.Main}, then {@link dev.hanse.node.Daemon}.
 */
package dev.hanse.node;
