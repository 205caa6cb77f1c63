package dev.hanse.agent.task;

import dev.hanse.model.ContainerSpec;
import java.util.List;

/** The lines of a container's /etc/hosts. Pure. */
final class HostNames {
  private static final String STANDARD =
      """
      127.0.0.1\tlocalhost
      ::1\tlocalhost ip6-localhost ip6-loopback
      fe00::0\tip6-localnet
      ff00::0\tip6-mcastprefix
      ff02::1\tip6-allnodes
      ff02::2\tip6-allrouters
      """;

  /** Stands for the host's address in extra hosts, as with Docker. */
  private static final String HOST_GATEWAY = "host-gateway";

  private HostNames() {}

  /**
   * The file for a container with a network of its own.
   *
   * @param hostGateway where it reaches the host
   * @param addresses those that have its host name, without prefix length
   */
  static String hostsFile(
      ContainerSpec spec, String hostGateway, String hostname, List<String> addresses) {
    StringBuilder lines = new StringBuilder(STANDARD);
    extra(spec, hostGateway, lines);
    for (String address : addresses) {
      lines.append(address).append('\t').append(hostname).append('\n');
    }
    return lines.toString();
  }

  /** The file for a container on the host's network: the host's own, and the service's hosts. */
  static String hostsFileOnHost(ContainerSpec spec, String hostGateway, String hostFile) {
    StringBuilder lines = new StringBuilder(hostFile);
    if (!hostFile.endsWith("\n")) {
      lines.append('\n');
    }
    extra(spec, hostGateway, lines);
    return lines.toString();
  }

  private static void extra(ContainerSpec spec, String hostGateway, StringBuilder lines) {
    for (String entry : spec.getHostsList()) {
      String[] words = entry.strip().split("\\s+");
      if (words.length > 1) {
        lines
            .append(words[0].equals(HOST_GATEWAY) ? hostGateway : words[0])
            .append('\t')
            .append(words[1])
            .append('\n');
      }
    }
  }
}
