/**
 * Ring: driver. Service logs: {@link dev.hanse.manager.log.LogReaders} begins a {@link
 * dev.hanse.manager.log.Gathering}, which asks the nodes that run its tasks and mixes their lines;
 * {@link dev.hanse.manager.log.LogBroker} is the door for nodes that know swarmkit's LogBroker
 * only, {@link dev.hanse.manager.log.LogServices} its gRPC face. Start reading at {@code
 * docs/node-calls.md}.
 */
@NullMarked
package dev.hanse.manager.log;

import org.jspecify.annotations.NullMarked;
