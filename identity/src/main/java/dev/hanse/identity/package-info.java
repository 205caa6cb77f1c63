/**
 * Ring: driver. Keys, certificates, join tokens and TLS: who a node is and how it proves it.
 *
 * <p>Facts (names, lifetimes, token format, subjects) are those of swarmkit's {@code ca} package,
 * so that tokens and certificates look and check alike.
 *
 * <p>Start reading at {@link dev.hanse.identity.NodeIdentity}, {@link
 * dev.hanse.identity.Enrollment} (how a node gets one) and {@link dev.hanse.identity.AccessControl}
 * (what it may call).
 */
@NullMarked
package dev.hanse.identity;

import org.jspecify.annotations.NullMarked;
