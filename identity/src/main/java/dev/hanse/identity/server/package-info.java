/**
 * Ring: driver. The managers' port: who may connect and call what, and how much of everything a
 * peer may send. Start reading at {@link dev.hanse.identity.server.ClusterServer}.
 */
@NullMarked
package dev.hanse.identity.server;

import org.jspecify.annotations.NullMarked;
