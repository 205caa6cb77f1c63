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

  private HostNames() {}

  /**
   * The file for a container with a network of its own.
   *
   * @param addresses its addresses, without prefix length
   */
  static String hostsFile(ContainerSpec spec, String hostname, List<String> addresses) {
    StringBuilder lines = new StringBuilder(STANDARD);
    extra(spec, lines);
    for (String address : addresses) {
      lines.append(address).append('\t').append(hostname).append('\n');
    }
    return lines.toString();
  }

  /** The file for a container on the host's network: the host's own, and the service's hosts. */
  static String hostsFileOnHost(ContainerSpec spec, String hostFile) {
    StringBuilder lines = new StringBuilder(hostFile);
    if (!hostFile.endsWith("\n")) {
      lines.append('\n');
    }
    extra(spec, lines);
    return lines.toString();
  }

  private static void extra(ContainerSpec spec, StringBuilder lines) {
    for (String entry : spec.getHostsList()) {
      String[] words = entry.strip().split("\\s+");
      if (words.length > 1) {
        lines.append(words[0]).append('\t').append(words[1]).append('\n');
      }
    }
  }
}
