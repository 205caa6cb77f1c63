/**
 * Ring: driver. What a manager node runs: the control loop on the replicated log, and the gRPC
 * server on TCP 2377 that the nodes talk to.
 *
 * <p>Start reading at {@link dev.hanse.manager.Manager} (the parts and their order), then {@code
 * loop.ControlLoop} (all writes), {@code dispatch.DispatchLoop} (all that nodes are told) and
 * {@code authority.CertificateAuthority}.
 */
@NullMarked
package dev.hanse.manager;

import org.jspecify.annotations.NullMarked;
