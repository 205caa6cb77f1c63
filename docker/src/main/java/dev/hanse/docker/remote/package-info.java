/**
 * Containers of other nodes: a manager that has not got a container asks the node that has it. Both
 * ends, with the one table of what may be asked.
 */
@NullMarked
package dev.hanse.docker.remote;

import org.jspecify.annotations.NullMarked;
