/**
 * Ring: test. A network that loses, doubles, delays and cuts. Start reading at {@link
 * dev.hanse.sim.net.Network}.
 */
@NullMarked
package dev.hanse.sim.net;

import org.jspecify.annotations.NullMarked;
