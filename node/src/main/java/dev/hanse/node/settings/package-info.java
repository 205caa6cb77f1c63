/**
 * Driver ring: what the daemon is told by its command line. Start reading at {@link
 * dev.hanse.node.settings.DaemonSettings}.
 */
@NullMarked
package dev.hanse.node.settings;

import org.jspecify.annotations.NullMarked;
