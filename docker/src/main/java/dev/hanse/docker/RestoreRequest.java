package dev.hanse.docker;

import dev.hanse.model.NodeSpec;
import java.io.InputStream;

/**
 * {@code POST /hanse/v1/cluster/restore}; the addresses as the user gave them, "" where not given.
 *
 * @param clusterId of the saved cluster; what the state holds must be this one
 * @param index the log index of the saved state
 * @param listenAddress HOST:PORT of the manager's port; default 0.0.0.0:2377
 * @param advertiseAddress address or interface, with or without port, that others reach it at
 * @param dataPathAddress address or interface for VXLAN
 * @param availability of this node
 * @param state the saved state as it arrives; reading blocks
 */
public record RestoreRequest(
    String clusterId,
    long index,
    String listenAddress,
    String advertiseAddress,
    String dataPathAddress,
    NodeSpec.Availability availability,
    InputStream state) {}
