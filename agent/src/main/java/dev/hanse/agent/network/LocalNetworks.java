package dev.hanse.agent.network;

import dev.hanse.kernel.file.DurableRecord;
import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.network.KernelNames;
import dev.hanse.text.Digits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The networks of this node alone, as Docker lists them on every host. {@code bridge} and {@code
 * docker_gwbridge} are two names of the egress bridge, {@code host} is the host's own network,
 * {@code none} has nothing but loopback. Ids are drawn once and kept.
 */
public final class LocalNetworks {
  private static final int ID_BYTES = 32;
  private static final int BYTES_MAX = 1 << 16;

  /**
   * A network of this node.
   *
   * @param id 64 hexadecimal digits
   * @param name as listed
   * @param driver as Docker calls it
   * @param linkName of the bridge in the host's namespace; empty when there is none
   */
  public record LocalNetwork(String id, String name, String driver, Optional<String> linkName) {}

  private final List<LocalNetwork> networks;

  private LocalNetworks(List<LocalNetwork> networks) {
    this.networks = List.copyOf(networks);
  }

  /**
   * Reads the ids from {@code local-networks} in that directory, and draws those that are missing.
   *
   * @throws IOException when the file cannot be read or written
   */
  public static LocalNetworks in(Path directory) throws IOException {
    Path file = directory.resolve("local-networks");
    Map<String, String> ids =
        DurableRecord.read(file, BYTES_MAX, LocalNetworks::ids).orElseGet(TreeMap::new);
    int known = ids.size();
    Optional<String> bridge = Optional.of(KernelNames.EGRESS_BRIDGE);
    List<LocalNetwork> networks = new ArrayList<>();
    networks.add(network("bridge", "bridge", bridge, ids));
    networks.add(network("docker_gwbridge", "bridge", bridge, ids));
    networks.add(network("host", "host", Optional.empty(), ids));
    networks.add(network("none", "null", Optional.empty(), ids));
    if (ids.size() > known) {
      write(file, ids);
    }
    return new LocalNetworks(networks);
  }

  private static Map<String, String> ids(byte[] content) throws IOException {
    Map<String, String> ids = new TreeMap<>();
    for (String line : new String(content, StandardCharsets.US_ASCII).lines().toList()) {
      String[] words = line.split(" ", -1);
      if (words.length != 2 || !Digits.areHex(words[1], 64)) {
        throw new IOException("no name and id: " + line);
      }
      ids.put(words[0], words[1]);
    }
    return ids;
  }

  private static LocalNetwork network(
      String name, String driver, Optional<String> linkName, Map<String, String> ids) {
    return new LocalNetwork(
        ids.computeIfAbsent(name, missing -> randomId()), name, driver, linkName);
  }

  private static String randomId() {
    byte[] bytes = new byte[ID_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static void write(Path file, Map<String, String> ids) throws IOException {
    StringBuilder text = new StringBuilder();
    ids.forEach((name, id) -> text.append(name).append(' ').append(id).append('\n'));
    OwnFiles.directoryOf(file, OwnFiles.GROUP_PASSAGE);
    DurableRecord.write(file, text.toString());
  }

  /** All, in the order of their names. */
  public List<LocalNetwork> all() {
    return networks;
  }

  /** By full id, name, or the start of exactly one id, in this order. */
  public Optional<LocalNetwork> find(String reference) {
    Optional<LocalNetwork> exact =
        networks.stream()
            .filter(network -> network.id().equals(reference) || network.name().equals(reference))
            .findFirst();
    List<LocalNetwork> starting =
        networks.stream()
            .filter(network -> !reference.isEmpty() && network.id().startsWith(reference))
            .toList();
    return exact.isPresent() || starting.size() != 1 ? exact : Optional.of(starting.getFirst());
  }
}
