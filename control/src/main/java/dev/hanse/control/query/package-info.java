/**
 * Ring: decider. What APIs ask of the cluster's state, beside the commands that change it: each
 * query is a function of a {@link dev.hanse.store.Snapshot} and belongs to no API. An API finds its
 * objects by {@link dev.hanse.control.query.Lookup} and only translates the answers.
 */
@NullMarked
package dev.hanse.control.query;

import org.jspecify.annotations.NullMarked;
