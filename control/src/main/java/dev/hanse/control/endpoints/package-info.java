/**
 * Ring: decider. What each node has to know of the networks it takes part in, as rows, and the
 * differences from one state to the next. Start reading at {@link
 * dev.hanse.control.endpoints.EndpointTable}.
 */
@NullMarked
package dev.hanse.control.endpoints;

import org.jspecify.annotations.NullMarked;
