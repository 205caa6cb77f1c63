/**
 * Ring: decider. The endpoint table of a node: who is where in the networks that it takes part in.
 * One representation for the manager, which makes tables and sends what {@link
 * dev.hanse.endpoints.EndpointTable#since} finds, and for the node, which {@link
 * dev.hanse.endpoints.AppliedTable applies} it; the design is in docs/mesh.md. Start reading at
 * {@link dev.hanse.endpoints.EndpointTable}.
 */
@NullMarked
package dev.hanse.endpoints;

import org.jspecify.annotations.NullMarked;
