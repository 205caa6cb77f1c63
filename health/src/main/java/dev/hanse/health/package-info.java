/**
 * Driver: threads that own state and survive every fault, and what is wrong with this node.
 *
 * <p>Start reading at {@link dev.hanse.health.OwnerThread}; what its threads report is gathered in
 * {@link dev.hanse.health.Health}.
 */
@NullMarked
package dev.hanse.health;

import org.jspecify.annotations.NullMarked;
