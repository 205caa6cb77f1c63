package dev.hanse.node.membership;

import dev.hanse.docker.InitRequest;
import dev.hanse.docker.JoinRequest;
import dev.hanse.docker.RestoreRequest;
import dev.hanse.docker.SwarmRefusal;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** From the addresses that the user gave with init or join to those that the node takes part on. */
final class SwarmAddresses {
  private static final int DATA_PATH_PORT_MIN = 1024;
  private static final int DATA_PATH_PORT_MAX = 49_151;

  private SwarmAddresses() {}

  /**
   * The addresses of a first manager.
   *
   * @param nodeAddress what the daemon was told to advertise when the request names nothing
   * @throws SwarmRefusal {@code INVALID} with the reason
   */
  static SwarmState of(InitRequest request, Optional<String> nodeAddress) throws SwarmRefusal {
    int port = request.dataPathPort() == 0 ? SwarmState.OVERLAY_PORT : request.dataPathPort();
    if (port < DATA_PATH_PORT_MIN || port > DATA_PATH_PORT_MAX) {
      throw new SwarmRefusal(
          SwarmRefusal.Kind.INVALID,
          "Datapath port number needs to be in range 1024 - 49151, not " + port);
    }
    return of(
        request.listenAddress(),
        advertise(request.advertiseAddress(), nodeAddress),
        request.dataPathAddress(),
        port,
        List.of());
  }

  /**
   * The addresses of a node that brings a cluster back.
   *
   * @param dataPathPort of the cluster
   * @param nodeAddress what the daemon was told to advertise when the request names nothing
   * @throws SwarmRefusal {@code INVALID} with the reason
   */
  static SwarmState of(RestoreRequest request, int dataPathPort, Optional<String> nodeAddress)
      throws SwarmRefusal {
    return of(
        request.listenAddress(),
        advertise(request.advertiseAddress(), nodeAddress),
        request.dataPathAddress(),
        dataPathPort == 0 ? SwarmState.OVERLAY_PORT : dataPathPort,
        List.of());
  }

  /**
   * The addresses of a node that joins.
   *
   * @param nodeAddress what the daemon was told to advertise when the request names nothing
   * @throws SwarmRefusal {@code INVALID} with the reason
   */
  static SwarmState of(JoinRequest request, Optional<String> nodeAddress) throws SwarmRefusal {
    return of(
        request.listenAddress(),
        advertise(request.advertiseAddress(), nodeAddress),
        request.dataPathAddress(),
        SwarmState.OVERLAY_PORT,
        request.remoteAddresses());
  }

  /**
   * The addresses of a node that starts again, perhaps on a machine whose address has changed.
   *
   * @param nodeAddress what the daemon is told to advertise now; if empty, or if the machine still
   *     has the old address, all stays
   * @throws IOException if it is no address of this machine
   */
  static SwarmState again(SwarmState old, Optional<String> nodeAddress) throws IOException {
    List<AdvertiseAddress.Candidate> candidates = AdvertiseAddress.candidates();
    boolean here =
        candidates.stream().anyMatch(found -> found.address().equals(old.advertiseAddress()));
    if (nodeAddress.isEmpty() || here) {
      return old;
    }
    try {
      return old.movedTo(
          AdvertiseAddress.choose(nodeAddress.get(), "", "--node-address", candidates));
    } catch (IllegalArgumentException invalid) {
      throw new IOException(invalid.getMessage(), invalid);
    }
  }

  private static String advertise(String requested, Optional<String> nodeAddress) {
    return requested.isEmpty() ? nodeAddress.orElse("") : requested;
  }

  private static SwarmState of(
      String listen, String advertise, String dataPath, int dataPathPort, List<String> managers)
      throws SwarmRefusal {
    try {
      String listenHost = listen.isEmpty() ? "0.0.0.0" : AdvertiseAddress.withoutPort(listen);
      int port = AdvertiseAddress.port(listen, SwarmState.CLUSTER_PORT);
      List<AdvertiseAddress.Candidate> candidates = AdvertiseAddress.candidates();
      if (AdvertiseAddress.isDevice(listenHost, candidates)) {
        listenHost = AdvertiseAddress.choose(listenHost, "", "--listen-addr", candidates);
      }
      String chosen =
          AdvertiseAddress.choose(advertise, listenHost, "--advertise-addr", candidates);
      String dataPathChosen =
          dataPath.isEmpty()
              ? chosen
              : AdvertiseAddress.choose(dataPath, "", "--data-path-addr", candidates);
      return new SwarmState(
          listenHost + ":" + port, chosen, dataPathChosen, dataPathPort, managers, false);
    } catch (IllegalArgumentException | IOException invalid) {
      throw new SwarmRefusal(
          SwarmRefusal.Kind.INVALID, String.valueOf(invalid.getMessage()), invalid);
    }
  }
}
