/**
 * Ring: decider. Gives out what must be unique: subnets, network numbers, addresses, hardware
 * addresses and published ports. Everything in use is read from the state; nothing is remembered.
 * Start reading at {@link dev.hanse.control.allocator.Allocator}.
 */
@NullMarked
package dev.hanse.control.allocator;

import org.jspecify.annotations.NullMarked;
