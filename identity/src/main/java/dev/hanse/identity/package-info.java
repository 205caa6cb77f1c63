/**
 * Ring: driver. Keys, certificates, join tokens and TLS: who a node is and how it proves it.
 *
 * <p>Facts (names, lifetimes, token format, subjects) are those of swarmkit's {@code ca} package,
 * so that tokens and certificates look and check alike.
 *
 * <p>Start reading at {@link dev.hanse.identity.certificate.NodeIdentity}, {@link
 * dev.hanse.identity.Enrollment} (how a node gets one) and {@link
 * dev.hanse.identity.server.AccessControl} (what it may call). Certificates as such are in {@code
 * certificate}, the managers' port in {@code server}; here is what stands between them: how a node
 * gets, shows and renews its own.
 */
@NullMarked
package dev.hanse.identity;

import org.jspecify.annotations.NullMarked;
