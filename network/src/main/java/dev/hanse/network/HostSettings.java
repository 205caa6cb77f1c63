package dev.hanse.network;

import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Kernel settings of the host's namespace, keys relative to {@code /proc/sys}. */
final class HostSettings {
  private HostSettings() {}

  static SortedMap<String, String> of(Optional<String> ingressBridge, Set<String> bridges) {
    SortedMap<String, String> settings = new TreeMap<>();
    for (String bridge : bridges) {
      settings.put("net/ipv6/conf/" + bridge + "/disable_ipv6", "1");
    }
    // Replies to clients at 127.0.0.1 come back through these two; HostRuleset drops all else.
    settings.put("net/ipv4/conf/" + KernelNames.EGRESS_BRIDGE + "/route_localnet", "1");
    ingressBridge.ifPresent(
        bridge -> settings.put("net/ipv4/conf/" + bridge + "/route_localnet", "1"));
    return settings;
  }
}
