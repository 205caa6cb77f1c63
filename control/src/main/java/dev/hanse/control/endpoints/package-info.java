/**
 * Ring: decider. What each node has to know of the networks it takes part in: the cluster's state
 * as endpoint tables, carried on from one state to the next by what changed. Start reading at
 * {@link dev.hanse.control.endpoints.EndpointProjection}; the table itself, its differences and its
 * form on the wire are the module endpoints, the design is in docs/mesh.md.
 */
@NullMarked
package dev.hanse.control.endpoints;

import org.jspecify.annotations.NullMarked;
