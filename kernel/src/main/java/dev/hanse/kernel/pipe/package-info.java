/**
 * Driver: many FIFOs and descriptors on one thread, by epoll(7). Start reading at {@link
 * dev.hanse.kernel.pipe.Pipes}.
 */
@NullMarked
package dev.hanse.kernel.pipe;

import org.jspecify.annotations.NullMarked;
