/**
 * Ring: driver. A saved cluster as an encrypted file: {@code hanse cluster snapshot}.
 *
 * <p>Start reading at {@link dev.hanse.node.snapshot.ClusterSnapshotFile}, which describes the
 * form; {@link dev.hanse.node.snapshot.ClusterCommand} is the command line.
 */
@NullMarked
package dev.hanse.node.snapshot;

import org.jspecify.annotations.NullMarked;
