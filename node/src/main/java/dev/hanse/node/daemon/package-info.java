/**
 * Driver ring: the daemon as a whole: its parts wired by hand, its directories, how it starts and
 * stops. Start reading at {@link dev.hanse.node.daemon.Daemon}.
 */
@NullMarked
package dev.hanse.node.daemon;

import org.jspecify.annotations.NullMarked;
