package dev.hanse.node.membership;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.bounds.BoundedJson;
import dev.hanse.identity.ManagerChannel;
import dev.hanse.kernel.file.DurableFile;
import dev.hanse.model.SessionMessage;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a node remembers of its membership besides its certificate: on which addresses it takes
 * part. Kept as {@code swarm-state.json} in the data directory; absent while the node is in no
 * swarm.
 *
 * @param listenAddress {@code host:port} of the cluster port
 * @param advertiseAddress address of this node for the others, without port
 * @param dataPathAddress address from which overlay traffic is sent
 * @param dataPathPort UDP port of the overlay
 * @param remoteManagers {@code host:port} of managers to try first
 * @param manager whether a manager's log was complete here: false on a worker, and on a manager
 *     that is still joining
 */
record SwarmState(
    String listenAddress,
    String advertiseAddress,
    String dataPathAddress,
    int dataPathPort,
    List<String> remoteManagers,
    boolean manager) {

  static final int CLUSTER_PORT = 2377;
  static final int OVERLAY_PORT = 4789;

  private static final String FILE = "swarm-state.json";
  private static final int BYTES_MAX = 1 << 20;

  static Optional<SwarmState> load(Path directory) throws IOException {
    try {
      JsonNode json = BoundedJson.read(directory.resolve(FILE), BYTES_MAX);
      List<String> managers = new ArrayList<>();
      json.path("RemoteManagers").forEach(manager -> managers.add(manager.asText()));
      return Optional.of(
          new SwarmState(
              required(directory, json, "ListenAddr"),
              required(directory, json, "AdvertiseAddr"),
              required(directory, json, "DataPathAddr"),
              json.path("DataPathPort").asInt(OVERLAY_PORT),
              List.copyOf(managers),
              json.path("Manager").asBoolean()));
    } catch (NoSuchFileException inNoSwarm) {
      return Optional.empty();
    } catch (JsonProcessingException broken) {
      throw damaged(directory, broken.getOriginalMessage());
    }
  }

  private static IOException damaged(Path directory, String why) {
    return new IOException(
        "%s is damaged: %s. Put a copy back, or move %s away and join the swarm anew"
            .formatted(directory.resolve(FILE), why, directory));
  }

  private static String required(Path directory, JsonNode json, String key) throws IOException {
    JsonNode value = json.get(key);
    if (value == null || !value.isTextual()) {
      throw damaged(directory, key + " is missing");
    }
    return value.asText();
  }

  /** {@code host:port} under which the other nodes reach this one's manager. */
  String advertised() {
    int port = ManagerChannel.socketAddress(listenAddress).getPort();
    return advertiseAddress + ":" + port;
  }

  SwarmState withManager(boolean complete) {
    return new SwarmState(
        listenAddress, advertiseAddress, dataPathAddress, dataPathPort, remoteManagers, complete);
  }

  /** The same on a machine that has another address now. */
  SwarmState movedTo(String address) {
    String host = AdvertiseAddress.withoutPort(listenAddress);
    return new SwarmState(
        host.equals(advertiseAddress)
            ? address + listenAddress.substring(host.length())
            : listenAddress,
        address,
        dataPathAddress.equals(advertiseAddress) ? address : dataPathAddress,
        dataPathPort,
        remoteManagers,
        manager);
  }

  /**
   * What a manager says of the swarm's data path port, which a node that joins does not know.
   *
   * @return the state with that port; empty if it is known already, or not said
   */
  Optional<SwarmState> learned(SessionMessage message) {
    int port = message.getNode().getVXLANUDPPort();
    return port == 0 || port == dataPathPort
        ? Optional.empty()
        : Optional.of(withDataPathPort(port));
  }

  SwarmState withDataPathPort(int port) {
    return new SwarmState(
        listenAddress, advertiseAddress, dataPathAddress, port, remoteManagers, manager);
  }

  /** Writes the file so that a crash leaves the old or the new one, never a part. */
  void save(Path directory) throws IOException {
    ObjectNode json = BoundedJson.mapper().createObjectNode();
    json.put("ListenAddr", listenAddress);
    json.put("AdvertiseAddr", advertiseAddress);
    json.put("DataPathAddr", dataPathAddress);
    json.put("DataPathPort", dataPathPort);
    remoteManagers.forEach(json.putArray("RemoteManagers")::add);
    json.put("Manager", manager);
    DurableFile.replace(directory.resolve(FILE), json.toString());
  }

  /** Where it is kept. */
  static Path file(Path directory) {
    return directory.resolve(FILE);
  }

  static void delete(Path directory) throws IOException {
    DurableFile.delete(directory.resolve(FILE));
  }
}
