/**
 * Ring: decider. The keys that the managers make for all nodes and exchange from time to time.
 * Start reading at {@link dev.hanse.control.keys.NetworkKeys}.
 */
@NullMarked
package dev.hanse.control.keys;

import org.jspecify.annotations.NullMarked;
